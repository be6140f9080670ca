import {
  Determinism,
  Engine,
  type AdmissionOptions,
  type DeterminismMode,
  type StandIn,
  type WorkflowRegistry,
} from '@dfnsjs/actor-core/engine';
import {
  withFields,
  type Acquired,
  type Chance,
  type Clock,
  type Deaths,
  type Log,
  type Measurements,
  type Stage,
  type Store,
  type ThreadPool,
  type Tracer,
} from '@dfnsjs/actor-core/ports';
import { BOUNDS, type Incarnation } from '@dfnsjs/actor-core/records';
import { DfnsError, type AnyTask, type Around, type Deps, type TaskCall } from '@dfnsjs/actor-core';
import type { Operations } from '@dfnsjs/client';
import { ChangeFeed } from './events/change-feed.ts';
import { Cursors } from './events/cursors.ts';
import { actionOperations } from './operations/actions.ts';
import type { OperationContext } from './operations/context.ts';
import { definitionOperations } from './operations/definitions.ts';
import { Door } from './operations/door.ts';
import { eventOperations } from './operations/events.ts';
import { executionOperations } from './operations/executions.ts';
import { historyOperations } from './operations/history.ts';
import { messageStartOperations } from './operations/message-starts.ts';
import { messageOperations } from './operations/messages.ts';
import { taskOperations } from './operations/tasks.ts';
import { LocalDelivery } from './routing/local-delivery.ts';
import { Router } from './routing/router.ts';
import { DueScan } from './shards/due-scan.ts';
import { scanHeld } from './shards/held-scan.ts';
import { InboxNet } from './shards/inbox-net.ts';
import { scanInbox } from './shards/inbox-scan.ts';
import { sweepKeys } from './shards/key-sweep.ts';
import { Ownership } from './shards/ownership.ts';
import { Persistence } from './shards/persistence.ts';
import { Upkeep } from './shards/upkeep.ts';
import { Waker } from './shards/waker.ts';
import { InProcessTransport } from './transport/in-process.ts';

export interface ClusterNodeOptions {
  /** Used by this node alone for as long as it runs; who opened it closes it. */
  readonly store: Store;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Absent: nothing is counted. */
  readonly measurements?: Measurements | undefined;
  /** Absent: there are no spans. */
  readonly tracer?: Tracer | undefined;
  readonly workflows: WorkflowRegistry;
  /** Told by `definitions`; workflows run theirs whether they are told or not. Default none. */
  readonly tasks?: readonly AnyTask[] | undefined;
  /** Middleware around the bodies of tasks and steps. */
  readonly aroundTasks?: Around<TaskCall> | null;
  /** For tasks that run in a thread; who made it closes it. */
  readonly threads?: ThreadPool | null;
  readonly deps: Deps;
  /** How workflow code is taken that no replay can repeat. Default 'off'; calls are only seen under `guard()`. */
  readonly determinism?: DeterminismMode | undefined;
  /** Where it is shown whose code runs. Default: nowhere. */
  readonly stage?: Stage | undefined;
  /** Whose code took earlier nodes of the store down. Default: nobody's is known. */
  readonly deaths?: Deaths | undefined;
  /** Fingerprint of the user code. */
  readonly build: string;
  /** Of dfns. */
  readonly version?: string | undefined;
  /** Default: those of the store; 16 in a new one. */
  readonly shards?: number | undefined;
  /** Shown in descriptions. Default 'local'. */
  readonly address?: string | undefined;
  /**
   * How long after this node's death nobody takes its shards, on a store that outlives its process. It is renewed while
   * the node takes its shards; then the store is its own. Default 30 s.
   */
  readonly leaseMs?: number | undefined;
  readonly residents?: number | undefined;
  readonly passivateAfterMs?: number | undefined;
  /** What the node takes in before it refuses calls as OVERLOADED. */
  readonly admission?: AdmissionOptions | undefined;
  /** Messages that one turn takes at most. Default 1,000. */
  readonly messagesPerTurn?: number | undefined;
  /**
   * Each minute the inbox is read again, for messages that were lost on their way, and expired keys are deleted. Default
   * true; in virtual time, which skips to whatever is due next, a node that never rests would leave nothing to wait for.
   */
  readonly upkeep?: boolean | undefined;
  /** In tests: what runs in place of tasks and steps. */
  readonly standIn?: StandIn | undefined;
}

const LEASE_MS = 30_000;
/** How long a store that answers nothing holds up the end of a node. */
const STORE_PATIENCE_MS = 5_000;

/** One node: the engine on the shards that it owns, and the operations by which it is asked. */
export class ClusterNode {
  readonly operations: Operations;
  /** Resolves when all that the last owners of the shards left in hand goes on here. */
  readonly takenOver: Promise<void>;
  readonly #parts: Parts;

  private constructor(parts: Parts, acquired: readonly Acquired[]) {
    this.#parts = parts;
    const { context } = parts;
    this.operations = {
      ...executionOperations(context),
      ...messageOperations(context),
      ...messageStartOperations(context),
      ...actionOperations(context),
      ...taskOperations(context),
      ...historyOperations(context),
      ...eventOperations(context),
      ...definitionOperations(context),
    };
    this.takenOver = takeOver(parts, acquired).then(() => parts.upkeep?.begin());
  }

  /** Joins the store and takes its shards. Resolves when the node serves; what was left in hand is read after that. */
  static async start(given: ClusterNodeOptions): Promise<ClusterNode> {
    const incarnation = given.chance.uuid() as Incarnation;
    const options = { ...given, log: withFields(given.log, { node: incarnation }) };
    const { store, clock } = options;
    const leaseMs = options.leaseMs ?? LEASE_MS;
    const shards = options.shards ?? ((await store.shards()).length || BOUNDS.shards);
    const { ordinal } = await store.join({
      incarnation,
      address: options.address ?? 'local',
      build: options.build,
      leaseMs,
      shards,
    });
    const { build, measurements } = options;
    const ownership = new Ownership({ store, clock, incarnation, build, leaseMs, measurements });
    const acquired = await ownership.acquireAll();
    const parts = assemble(options, ownership, { incarnation, ordinal, shards });
    for (const { shard, epoch, highestAccepted, clean } of acquired) {
      parts.engine.own(shard, epoch, highestAccepted, clean);
    }
    return new ClusterNode(parts, acquired);
  }

  /** Takes no new calls and starts no bodies; gives bodies in hand this long to end. */
  async drain(withinMs: number): Promise<void> {
    const { engine, clock } = this.#parts;
    await engine.drain(clock.now() + withinMs);
  }

  /**
   * Ends turns in hand, aborts bodies and gives the shards up, so that the next owner knows that nothing is in hand.
   * Where the store does not answer it ends as a crash does: a commit that may yet land keeps its shard.
   */
  async stop(): Promise<void> {
    const { engine, ownership, store, incarnation, log } = this.#parts;
    this.#silence();
    if (!(await engine.stop(STORE_PATIENCE_MS))) {
      log.write('error', 'the store did not answer: the node ended without giving its shards up; nothing is lost', {
        waitedMs: STORE_PATIENCE_MS,
      });
      return;
    }
    await ownership.release();
    await store.leave(incarnation);
  }

  /** Attempts whose bodies have not ended. */
  get bodiesRunning(): number {
    return this.#parts.engine.parts.bodies.running;
  }

  /** Puts every execution out of memory, at once, and reads it again, as a change of owner does; bodies go on. */
  async readAnew(): Promise<void> {
    const { engine, ownership, store, incarnation } = this.#parts;
    for (const shard of ownership.shards) engine.disown(shard);
    const acquired: Acquired[] = [];
    for (const row of await store.shards()) {
      if (row.owner !== incarnation) continue;
      const epoch = await store.resync(row.shard, row.epoch, incarnation);
      if (epoch === undefined) throw new DfnsError('UNAVAILABLE', `Shard ${row.shard} is another node's.`);
      acquired.push({ ...row, epoch, clean: true, highestAccepted: 0, handOver: null });
      engine.own(row.shard, epoch, 0);
    }
    await takeOver(this.#parts, acquired);
  }

  /** Ends as a crash does. */
  kill(): void {
    this.#silence();
    this.#parts.engine.kill();
  }

  #silence(): void {
    const { persistence, dueScan, upkeep, transport, incarnation, context } = this.#parts;
    upkeep?.stop();
    persistence.stop();
    dueScan.stop();
    transport.leave(incarnation);
    context.feed.stop();
  }
}

interface Parts {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly incarnation: Incarnation;
  readonly ownership: Ownership;
  readonly persistence: Persistence;
  readonly waker: Waker;
  readonly dueScan: DueScan;
  /** null: it does without. */
  readonly upkeep: Upkeep | null;
  readonly transport: InProcessTransport;
  readonly context: OperationContext;
  readonly log: Log;
}

function assemble(
  options: ClusterNodeOptions,
  ownership: Ownership,
  joined: { readonly incarnation: Incarnation; readonly ordinal: number; readonly shards: number },
): Parts {
  const { store, clock, chance, log, workflows, deps, build } = options;
  const { incarnation, ordinal, shards } = joined;
  const persistence = new Persistence(clock, log);
  const transport = new InProcessTransport();
  const router = new Router({ transport, shards, ownerOf: shard => ownership.ownerOf(shard) });
  const engine: Engine = new Engine({
    store,
    clock,
    chance,
    log,
    measurements: options.measurements,
    tracer: options.tracer,
    deps,
    determinism: new Determinism(options.determinism ?? 'off', log),
    workflows,
    incarnation,
    ordinal,
    drawOrdinal: () => persistence.attempt('drawing more numbers', () => drawOrdinal(options, shards)),
    build,
    shards,
    serves: shard => ownership.owns(shard),
    deliver: rows => router.deliver(rows),
    fenced: shard => {
      log.write('error', 'another node has taken the shard: two nodes use one store', { shard });
      ownership.lost(shard);
    },
    dueScanned: () => dueScan.scanned,
    passivated: wakeAt => dueScan.passivated(wakeAt),
    ...(options.stage === undefined ? {} : { stage: options.stage }),
    ...(options.deaths === undefined ? {} : { deaths: options.deaths }),
    ...(options.residents === undefined ? {} : { residents: options.residents }),
    threads: options.threads ?? null,
    aroundTasks: options.aroundTasks ?? null,
    ...(options.admission === undefined ? {} : { admission: options.admission }),
    ...(options.standIn === undefined ? {} : { standIn: options.standIn }),
    ...(options.messagesPerTurn === undefined ? {} : { messagesPerTurn: options.messagesPerTurn }),
    ...(options.passivateAfterMs === undefined ? {} : { passivateAfterMs: options.passivateAfterMs }),
  });
  const waker = new Waker(store, engine, persistence);
  const dueScan: DueScan = new DueScan({
    store,
    clock,
    waker,
    persistence,
    shards: () => ownership.shards,
    isResident: eid => engine.residentOf(eid) !== undefined,
  });
  const delivery = new LocalDelivery(engine, store, persistence);
  transport.serve(incarnation, delivery);
  const inboxNet = new InboxNet({
    store,
    clock,
    persistence,
    shards: () => ownership.shards,
    deliver: rows => delivery.deliver(rows),
  });
  const upkeep =
    options.upkeep === false ? null : new Upkeep(clock, [() => inboxNet.pass(), () => sweepKeys(store, persistence)]);
  const door = new Door(workflows, router);
  const node = incarnation;
  const now = () => clock.now();
  const { tasks = [], version } = options;
  const feed: ChangeFeed = new ChangeFeed({ clock, hear: listening => engine.tellChanges(listening ? feed : null) });
  const cursors = new Cursors(chance);
  const about = { node, build, version, shards, workflows, tasks };
  const context = { router, store, door, chance, persistence, feed, cursors, now, ...about };
  return {
    ...{ engine, store, clock, incarnation, ownership, persistence, waker, dueScan, upkeep, transport, context, log },
  };
}

/** An ordinal is given to whoever joins, so one is had by joining once more, as somebody who then leaves. */
async function drawOrdinal({ store, chance, build }: ClusterNodeOptions, shards: number): Promise<number> {
  const incarnation = chance.uuid() as Incarnation;
  const { ordinal } = await store.join({ incarnation, address: 'numbers', build, leaseMs: LEASE_MS, shards });
  await store.leave(incarnation);
  return ordinal;
}

/** What was in hand first, since nothing else will ever bring it; then messages, timers, and what may be healed. */
async function takeOver(parts: Parts, acquired: readonly Acquired[]): Promise<void> {
  const { engine, store, waker, persistence, dueScan } = parts;
  for (const { shard, clean } of acquired) {
    await dueScan.inHand(shard, { crashed: !clean, retry: false });
    engine.tookInHand(shard);
  }
  for (const { shard } of acquired) await scanInbox(store, waker, persistence, shard);
  await dueScan.run();
  const { metering } = engine.parts;
  for (const { shard } of acquired) {
    await scanHeld(store, waker, persistence, shard, (run, held) => metering?.held(run, held));
  }
}
