import { compose, DfnsError, type AnyWorkflow, type Deps, type Duration } from '@dfnsjs/actor-core';
import { guard, WorkflowRegistry, type DeterminismMode } from '@dfnsjs/actor-core/engine';
import type { Log, Store } from '@dfnsjs/actor-core/ports';
import { parseDuration, readOptions } from '@dfnsjs/actor-core/records';
import {
  createClient,
  layers,
  type Client,
  type ExecutionAddress,
  type Middleware,
  type Operations,
} from '@dfnsjs/client';
import { ClusterNode, Threads, threadTasks } from '@dfnsjs/cluster';
import { MemoryStore } from '@dfnsjs/storage/memory';
import { MockSet } from './mocks/mock-set.ts';
import type { AnyMock } from './mocks/task.ts';
import { stuck } from './stuck.ts';
import { TimeSkip } from './time-skip.ts';
import { Agenda } from './world/agenda.ts';
import { NodeClock } from './world/clock.ts';
import { Hops } from './world/hops.ts';
import { Seed } from './world/seed.ts';

/** What a test cluster runs, and how. */
export interface TestClusterOptions {
  readonly workflows: readonly AnyWorkflow[];
  /** What tasks find as `t.deps`. */
  readonly deps?: Deps | undefined;
  /** Around workflow functions, bodies of tasks and steps (mocks too), and calls of the client; the first outermost. */
  readonly middleware?: readonly Middleware[] | undefined;
  /** Files that export tasks with `thread: true`, as of startNode; a mock stands in for one of those too. */
  readonly files?: readonly string[] | undefined;
  /** Of everything left to chance: ids, jitter, the workflows' random numbers. Default 1. */
  readonly seed?: number | undefined;
  /** When time begins. Default 2026-01-01 UTC. */
  readonly startAt?: Date | undefined;
  /** What stands in for tasks and steps: `mockTask(charge).returns(…)`. Of two for one task the later counts. */
  readonly mocks?: readonly AnyMock[] | undefined;
  /** What becomes of tasks without a mock: they run, or fail at once, so that no test reaches the world by mistake. */
  readonly unmocked?: 'run' | 'refuse' | undefined;
  /**
   * Real time that a wait is given which nothing in the cluster can end, such as that for the result of an execution
   * which waits for a signal; then it rejects with STUCK and says what is missing. Default 1 s.
   */
  readonly patience?: Duration | undefined;
  readonly log?: Log | undefined;
  /** Default: a store in memory of its own. */
  readonly store?: ((clock: () => number) => Store) | undefined;
  /** Fingerprint of the code, which decides what held executions may go on. Default 'test'. */
  readonly build?: string | undefined;
  readonly passivateAfter?: Duration | undefined;
  /** Actors in memory; above it the longest idle are put out. Default 20,000. */
  readonly residents?: number | undefined;
  /** Messages that wait for one execution; a signal or update beyond is OVERLOADED. Default 10,000. */
  readonly mailbox?: number | undefined;
  /** What waits for the store; new starts beyond are OVERLOADED, signals and updates beyond twice as much. Default 10,000. */
  readonly backlog?: number | undefined;
  /**
   * How workflow code is taken that no replay can repeat: `Date.now`, `Math.random`, timers, `fetch`, and waits for
   * promises that are not from ctx. Default 'throw'.
   */
  readonly determinism?: DeterminismMode | undefined;
  /** Messages that one turn takes at most. */
  readonly messagesPerTurn?: number | undefined;
}

const OPTION_NAMES = [
  'workflows',
  'deps',
  'middleware',
  'files',
  'seed',
  'startAt',
  'mocks',
  'unmocked',
  'patience',
  'log',
  'store',
  'build',
  'determinism',
  'passivateAfter',
  'residents',
  'mailbox',
  'backlog',
  'messagesPerTurn',
] as const satisfies readonly (keyof TestClusterOptions)[];
const BEGINNING = Date.UTC(2026, 0, 1);
/** So that a node that is started after a crash need not wait. */
const LEASE_MS = 1;
const SHARDS = 4;
const PATIENCE_MS = 1_000;

/**
 * A node of its own for a test, in virtual time: while the test awaits something, time skips to whatever is due next,
 * but never while the body of a task, or its mock, runs. A wait that nothing can end rejects with STUCK and says what
 * is missing.
 *
 * ```ts
 * await using cluster = await createTestCluster({ workflows: [order], mocks: [mockTask(charge).returns({ id: 'ch_1' })] });
 * const handle = await cluster.client.start(order, input);
 * await cluster.sleep('7d');
 * t.is(await handle.result(), 'expired');
 * ```
 */
export class TestCluster {
  readonly client: Client;
  readonly store: Store;
  readonly #options: TestClusterOptions;
  readonly #workflows: WorkflowRegistry;
  readonly #agenda: Agenda;
  readonly #hops = new Hops();
  readonly #skip: TimeSkip;
  readonly #seed: Seed;
  #clock: NodeClock;
  #mocks: MockSet;
  #node: ClusterNode | null = null;
  #threads: Threads | null = null;
  #endGuard: (() => void) | null = null;

  constructor(options: TestClusterOptions) {
    readOptions(options, 'createTestCluster', OPTION_NAMES);
    if (!Array.isArray(options?.workflows)) {
      throw new DfnsError('VALIDATION', 'createTestCluster needs workflows: a list of what workflow(…) returned.');
    }
    this.#options = options;
    const { middleware = [] } = options;
    requireList(middleware, 'middleware');
    requireList(options.files ?? [], 'files');
    for (const bound of ['residents', 'mailbox', 'backlog'] as const) requireCount(options[bound], bound);
    this.#workflows = new WorkflowRegistry(compose(layers(middleware, 'workflow')));
    for (const each of options.workflows) this.#workflows.register(each);
    this.#seed = new Seed(options.seed ?? 1);
    this.#agenda = new Agenda(options.startAt?.getTime() ?? BEGINNING);
    this.#clock = new NodeClock(this.#agenda, this.#hops, true);
    this.#mocks = this.#newMocks();
    const { patience } = options;
    this.#skip = new TimeSkip(
      this.#agenda,
      this.#hops,
      () => (this.#node ? this.#node.bodiesRunning - this.#mocks.asleep : 0),
      patience === undefined ? PATIENCE_MS : parseDuration(patience, 'patience'),
    );
    const clock = () => this.#agenda.now;
    this.store = options.store?.(clock) ?? new MemoryStore({ clock });
    const client = this.#seed.fork();
    this.client = createClient({
      operations: skipping(this.#skip, () => this.#living.operations),
      namespace: 'default',
      clock: { now: clock, setTimer: (at, fn) => this.#agenda.after(at - this.#agenda.now, fn) },
      chance: { uuid: () => client.uuid() },
      middleware: layers(middleware, 'client'),
    });
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#agenda.now;
  }

  get #living(): ClusterNode {
    if (!this.#node) throw new Error('The test cluster has no node: it was stopped, or crashed and not started again.');
    return this.#node;
  }

  async start(): Promise<void> {
    const { deps = {}, log = SILENT, build = 'test', passivateAfter, messagesPerTurn } = this.#options;
    const { determinism = 'throw', middleware = [], files = [], residents, mailbox, backlog } = this.#options;
    const exporting = await threadTasks(files, []);
    if (determinism !== 'off') this.#endGuard ??= guard();
    const chance = this.#seed.fork();
    this.#clock = new NodeClock(this.#agenda, this.#hops, true);
    this.#mocks = this.#newMocks();
    this.#threads = new Threads({ files: exporting, clock: this.#clock, log });
    const starting = ClusterNode.start({
      store: this.store,
      clock: this.#clock,
      chance: { random: () => chance.random(), uuid: () => chance.uuid() },
      log,
      workflows: this.#workflows,
      aroundTasks: compose(layers(middleware, 'task')),
      threads: this.#threads,
      deps,
      determinism,
      build,
      shards: SHARDS,
      leaseMs: LEASE_MS,
      upkeep: false,
      messagesPerTurn,
      residents,
      admission: { mailbox, backlog },
      standIn: this.#mocks.standIn,
      passivateAfterMs: passivateAfter === undefined ? undefined : parseDuration(passivateAfter, 'passivateAfter'),
    });
    this.#node = await this.#skip.until(starting);
    await this.#skip.until(this.#node.takenOver);
  }

  #newMocks(): MockSet {
    const { mocks = [], unmocked = 'run' } = this.#options;
    return new MockSet(mocks, unmocked === 'refuse', this.#agenda);
  }

  /** Lets time pass: everything that is due meanwhile happens. */
  async sleep(duration: Duration): Promise<void> {
    await this.#skip.sleep(parseDuration(duration, 'The duration of cluster.sleep'));
  }

  /** Makes the node's clock wrong by this much, until it is set again; timers that are set stay as they are. */
  skewClock(ms: number): void {
    this.#clock.skew = ms;
  }

  /** Lets all that can go on without time passing go on. */
  async settle(): Promise<void> {
    await this.sleep(0);
  }

  /** The node's process dies, with every body in hand, and another one starts on the store. */
  async crash(): Promise<void> {
    const node = this.#living;
    this.#clock.dead = true;
    this.#node = null;
    node.kill();
    await this.#threads?.close();
    await this.sleep(LEASE_MS);
    await this.start();
  }

  /**
   * Puts every execution out of memory before its next message, and reads it again; bodies go on. To be called when no
   * turn is at the store.
   */
  async readAnew(): Promise<void> {
    await this.#skip.until(
      new Promise<void>((resolve, reject) => {
        this.#hops.queue(() => {
          if (this.#node) this.#node.readAnew().then(resolve, reject);
          else resolve();
        });
      }),
    );
  }

  async stop(): Promise<void> {
    const node = this.#living;
    await this.#skip.until(node.stop());
    await this.#threads?.close();
    this.#node = null;
    this.#endGuard?.();
    this.#endGuard = null;
    this.#clock.dead = true;
    await this.store.close();
  }

  /** `await using cluster = await createTestCluster(…)` stops it where the block ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#node) await this.stop();
  }
}

/** Starts a cluster of one node for a test. VALIDATION for a wrong option, or two workflows of one name and version. */
export async function createTestCluster(options: TestClusterOptions): Promise<TestCluster> {
  const cluster = new TestCluster(options);
  await cluster.start();
  return cluster;
}

function requireList(value: unknown, option: string): void {
  if (!Array.isArray(value)) throw new DfnsError('VALIDATION', `${option} of createTestCluster must be a list.`);
}

function requireCount(value: unknown, option: string): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) return;
  throw new DfnsError('VALIDATION', `${option} of createTestCluster must be a whole number of at least 1.`);
}

const SILENT: Log = { write: () => undefined };

/** Operations that move time while their callers wait, and tell those whose wait nothing can end. */
function skipping(skip: TimeSkip, living: () => Operations): Operations {
  const why = (awaited?: ExecutionAddress) => () => stuck(living(), awaited);
  return {
    start: request => skip.until(living().start(request)),
    describe: request => skip.until(living().describe(request)),
    list: request => skip.until(living().list(request)),
    count: request => skip.until(living().count(request)),
    result: (request, options) => skip.until(living().result(request, options), why(request)),
    turn: request => skip.until(living().turn(request), why(request)),
    signal: request => skip.until(living().signal(request)),
    query: request => skip.until(living().query(request), why(request)),
    update: request => skip.until(living().update(request), why(request)),
    startUpdate: request => skip.until(living().startUpdate(request), why(request)),
    updateOutcome: (request, options) => skip.until(living().updateOutcome(request, options), why(request)),
    signalWithStart: request => skip.until(living().signalWithStart(request)),
    updateWithStart: request => skip.until(living().updateWithStart(request), why()),
    cancel: request => skip.until(living().cancel(request)),
    terminate: request => skip.until(living().terminate(request)),
    retry: request => skip.until(living().retry(request)),
    delete: request => skip.until(living().delete(request)),
    setAttributes: request => skip.until(living().setAttributes(request)),
    retryTaskNow: request => skip.until(living().retryTaskNow(request)),
    completeTask: request => skip.until(living().completeTask(request)),
    failTask: request => skip.until(living().failTask(request)),
    startBatch: request => skip.until(living().startBatch(request)),
    timeline: request => skip.until(living().timeline(request)),
    state: request => skip.until(living().state(request)),
    events: (request, options) => {
      const { namespace, id } = request;
      const nothing = why(id === undefined ? undefined : { namespace, id });
      return skippingItems(skip, living().events(request, options), nothing);
    },
    definitions: request => living().definitions(request),
    info: request => living().info(request),
    cluster: request => living().cluster(request),
    cordonNode: request => living().cordonNode(request),
    drainNode: request => living().drainNode(request),
    uncordonNode: request => living().uncordonNode(request),
    history: request => skip.until(living().history(request)),
    exportHistory: request => skip.until(living().exportHistory(request)),
  };
}

/** Items that move time while they are waited for. */
function skippingItems<Item>(
  skip: TimeSkip,
  items: AsyncIterable<Item>,
  why: () => Promise<Error>,
): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = items[Symbol.asyncIterator]();
      return {
        next: () => skip.until(iterator.next(), why),
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}
