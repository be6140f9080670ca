import type { AnyWorkflow, TaskContext } from '@dfnsjs/actor-core';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { BOUNDS } from '@dfnsjs/actor-core/values';
import { assertAllEnded, openRuns } from '../invariants/progress.ts';
import { Violation } from '../invariants/violation.ts';
import { Choices } from '../world/choices.ts';
import { Crashes, type Roughness } from '../world/crashes.ts';
import type { SimulatedNode } from '../world/node.ts';
import type { Trouble } from '../world/network.ts';
import { Seed } from '../world/seed.ts';
import { FAIR, type Weather } from '../world/store-faults.ts';
import { World } from '../world/world.ts';
import { Clients } from './clients.ts';
import { hurried, program, stubborn } from './interpreter.ts';
import { Laws } from './laws.ts';
import { assertOutcome } from './outcome.ts';
import type { Bench } from './tasks.ts';

/** What one seed drew, and came to. */
export interface Simulation {
  readonly seed: number;
  readonly steps: number;
  /** Nodes at most. */
  readonly most: number;
  readonly measured: boolean;
  readonly turns: number;
  readonly crashes: number;
  /** By kind. */
  readonly faults: ReadonlyMap<string, number>;
  /** What chance brought about, in order: clients' acts and faults. */
  readonly made: readonly string[];
  /** Over all messages, store calls and answers. */
  readonly hash: string;
  /** What must not be so, if it was so. */
  readonly failure: { readonly error: Error; readonly step: number; readonly tail: string } | null;
}

/** What a world may have in it. */
export interface SimulateOptions {
  /** Nodes at most; default 3. */
  readonly most?: number;
  /** Nodes measure, and what they count as open is looked at. Default false. */
  readonly measured?: boolean;
  /** What is left out of what chance brings about, by the names in `made`. Default nothing. */
  readonly without?: ReadonlySet<string>;
}

const TAIL_LINES = 60;
/** Executions end in this time once faults have stopped; clocks were up to a day ahead. */
const CALM_MS = 3 * 24 * 3_600_000;
/** Clocks of clusters were a little ahead. */
const CLUSTER_CALM_MS = 3_600_000;
/**
 * What waits is left alone for a while, so that it is seen what comes to it by itself. Then it gets a message so often,
 * and less often the longer it takes: it may wait for a timer of a day.
 */
const UNFED_MS = 60_000;
const FEED_MS = 5_000;
const FEEDS = 40;
/** Counts of what is open are there in this time. */
const COUNTED_MS = 60_000;
/** Of one world. */
const MOST_NODES = 3;

/** Lives through one world: `steps` steps for each node with faults, then without until all has ended. */
export async function simulate(
  seed: number,
  steps: number,
  { most = MOST_NODES, measured = false, without }: SimulateOptions = {},
): Promise<Simulation> {
  const nodes = new Seed(seed).pick([1, 1, 2, 3].filter(count => count <= most));
  const builds = { one: registryOf(program, stubborn), two: registryOf(program, stubborn, hurried) };
  const choices = new Choices(without);
  const bodies = new Map<string, number>();
  const laws: Laws = new Laws(() => world, builds.two);
  const world: World = new World(seed, nodes > 1, choices, {
    measured,
    workflows: build => (build === 'one' ? builds.one : builds.two),
    landed: (batch, verdicts) => laws.landed(batch, verdicts),
    put: row => laws.histories.put(row),
    deps: node => ({ bench: benchFor(world, laws, node, bodies) }),
    died: node => laws.exactlyOnce.processGone(node),
    log: (build, message, fields) => {
      // A message that comes again after its actor was out of memory may be taken twice, and is then refused once.
      if (message.startsWith('the store has another history') && fields['verdict'] === 'conflict') {
        world.broken(new Violation('history', 'The only owner was told conflict.'));
      }
      const isGivenUp = String(fields['reason']).startsWith('The store does not take');
      if (message !== 'an execution is held') return;
      // Of the processes that stand still nobody knows that they live.
      const deaths = (world.counts.get('crash') ?? 0) + (world.counts.get('stop') ?? 0) + nodes;
      const isCrashLoop = fields['code'] === 'CRASH_LOOP';
      if (isCrashLoop && deaths < BOUNDS.crashesBeforeHold) {
        world.broken(new Violation('progress', `"${String(fields['executionId'])}" is held for nobody's death.`));
      }
      const isOfLater = fields['code'] === 'UNKNOWN_WORKFLOW' && build === 'one';
      const isOfItsError = fields['code'] === 'ON_ERROR' && fields['workflow'] === stubborn.name;
      if (!isCrashLoop && !isGivenUp && !isOfLater && !isOfItsError) {
        world.broken(
          new Violation('replay', `"${String(fields['executionId'])}" is held: ${String(fields['reason'])}`),
        );
      }
    },
  });
  let failure: Simulation['failure'] = null;
  const stray = (error: unknown) => world.broken(error);
  process.on('unhandledRejection', stray);
  try {
    await live(world, laws, nodes, steps);
    if (measured) await countUp(world);
  } catch (error) {
    const { steps: step } = world;
    const tail = world.trace.tail(TAIL_LINES);
    failure = { error: error instanceof Error ? error : new Error(String(error)), step, tail };
  } finally {
    process.off('unhandledRejection', stray);
    for (const node of [...world.nodes]) world.crash(node);
  }
  return {
    seed,
    steps: world.steps,
    most,
    measured,
    turns: laws.histories.turns,
    crashes: world.counts.get('crash') ?? 0,
    faults: world.counts,
    made: choices.made,
    hash: world.trace.hash(),
    failure,
  };
}

async function live(world: World, laws: Laws, nodes: number, steps: number): Promise<void> {
  const seed = world.seed.fork();
  Object.assign(world.weather, drawWeather(seed, nodes));
  if (nodes > 1) Object.assign(world.network.trouble, drawTrouble(seed));
  const shards = seed.pick(nodes === 1 ? [1, 1, 2] : [2, 3, 5]);
  const roughness = drawRoughness(seed, nodes);
  const isTalkative = seed.chance(nodes > 1 ? 0.6 : 0.2);
  const crashes = new Crashes(world, nodes, shards, roughness, node => clients.askAll(node));
  const clients = new Clients(world, laws, isTalkative);
  let calm = false;
  const act = () => {
    if (calm) return;
    clients.act();
    world.agenda.after(seed.pick([0, 1, 5, 50, 500]), act);
  };
  crashes.begin();
  act();
  const step = async () => {
    await world.step();
    if (!calm && world.steps % 50 === 0) await replayOne(laws, seed);
  };
  for (let i = 0; i < steps * nodes; i++) await step();
  calm = true;
  Object.assign(world.weather, FAIR);
  Object.assign(world.network.trouble, { lost: 0, doubled: 0, late: 0 });
  crashes.end();
  await rest(world, laws, clients, step);
}

/** Faults have stopped: all that must end does, and came to what it should. */
async function rest(world: World, laws: Laws, clients: Clients, step: () => Promise<void>): Promise<void> {
  world.note('calm');
  const begun = world.now;
  laws.timers.calmSince = begun;
  let feedAt = begun + UNFED_MS;
  const calmMs = world.store.exclusive ? CALM_MS : CLUSTER_CALM_MS;
  const isBusy = () => openRuns(laws.histories).length > 0 || world.nodes.some(({ leaving }) => leaving);
  while (world.now < begun + calmMs && isBusy()) {
    if (world.now >= feedAt) {
      feedAt = world.now + Math.max(FEED_MS, (world.now - begun) / FEEDS);
      clients.feed(openRuns(laws.histories));
    }
    await step();
    laws.delivery.look(world.now);
  }
  assertAllEnded(laws.histories, calmMs);
  const [stuck] = world.nodes.filter(({ leaving }) => leaving);
  if (stuck) throw new Violation('progress', `"${stuck.name}" was told to stop, and has not ended.`);
  for (const run of laws.histories.runs.values()) {
    await laws.replay(run);
    assertOutcome(laws.histories, run);
  }
  clients.assertAllTaken();
}

/** All has ended: so nodes say too, once what they asked the store for is there. */
async function countUp(world: World): Promise<void> {
  const open = () => world.nodes.reduce((sum, node) => sum + node.open, 0);
  const until = world.now + COUNTED_MS;
  while (open() !== 0 && world.now < until) await world.step();
  if (open() !== 0) throw new Violation('open-count', `${open()} executions count as open, and all have ended.`);
}

async function replayOne(laws: Laws, seed: Seed): Promise<void> {
  const runs = [...laws.histories.runs.values()];
  if (runs.length > 0) await laws.replay(seed.pick(runs));
}

/** Where a node needs an answer from the store each second to be one, more faults of the store leave nothing to see. */
function drawWeather(seed: Seed, nodes: number): Weather {
  const [often, share] = nodes > 1 ? [0.3, 0.4] : [0.5, 1];
  const some = (most: number) => (seed.chance(often) ? seed.random() * most * share : 0);
  return { refused: some(0.2), unknown: some(0.3), hangs: some(0.1), slow: some(0.3) };
}

function drawTrouble(seed: Seed): Trouble {
  const some = (most: number) => (seed.chance(0.5) ? seed.random() * most : 0);
  return { lost: some(0.2), doubled: some(0.2), late: some(0.3) };
}

function drawRoughness(seed: Seed, nodes: number): Roughness {
  const isCluster = nodes > 1;
  return {
    everyMs: seed.pick([100, 1_000, 5_000]),
    crash: seed.pick(isCluster ? [0, 0.1, 0.3] : [0, 0.3, 0.7]),
    stop: seed.pick([0, 0.2]),
    jump: seed.pick(isCluster ? [0, 0.1] : [0, 0, 0.3]),
    jumpMs: seed.pick(isCluster ? [2_000] : [2_000, 2_000, 24 * 3_600_000]),
    pause: isCluster ? seed.pick([0, 0.1, 0.2]) : 0,
    cut: isCluster ? seed.pick([0, 0.1]) : 0,
    duty: isCluster ? seed.pick([0, 0.1]) : 0,
    builds: seed.chance(0.25) ? ['one', 'two'] : ['two'],
    endsWithCrash: seed.chance(nodes > 1 ? 0.9 : 0.3),
  };
}

/** The code of one build. */
function registryOf(...of: readonly AnyWorkflow[]): WorkflowRegistry {
  const workflows = new WorkflowRegistry();
  for (const each of of) workflows.register(each);
  return workflows;
}

/**
 * What bodies of one process work on: they announce themselves, and end with the process.
 *
 * @param asked how often bodies asked whether they are among the first, by idempotency key
 */
function benchFor(world: World, laws: Laws, node: () => SimulatedNode, asked: Map<string, number>): Bench {
  return {
    shared: { list: [] },
    isAmongFirst: (count, { idempotencyKey }) => {
      const before = asked.get(idempotencyKey) ?? 0;
      asked.set(idempotencyKey, before + 1);
      return before < count;
    },
    begin: (name: string, t: TaskContext, atMostOnce: boolean) => {
      const body = { idempotencyKey: t.idempotencyKey, attempt: t.attempt, name };
      world.note(`body ${name} ${body.idempotencyKey} ${body.attempt}`);
      world.count('body');
      try {
        laws.outputCommit.bodyStarts(body);
        laws.exactlyOnce.bodyStarts(body, atMostOnce, node(), t.abortSignal);
      } catch (error) {
        world.broken(error);
      }
      return {
        end: () => laws.exactlyOnce.bodyEnds(body),
        wait: (ms: number) =>
          new Promise<void>(resolve => {
            world.agenda.after(ms, () => node().clock.run(resolve));
          }),
      };
    },
  };
}
