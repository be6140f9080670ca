import { NOBODY, withFields, type Duty, type Log, type LogFields, type Membership } from '@dfnsjs/actor-core/ports';
import { BOUNDS, type Incarnation, type Millis } from '@dfnsjs/actor-core/records';
import type { Operations } from '@dfnsjs/client';
import type { ClusterNodeOptions } from './cluster-node-options.ts';
import { Cursors } from './events/cursors.ts';
import { EventFeed } from './events/event-feed.ts';
import { NodeIncarnation, type Joined } from './node-incarnation.ts';
import { actionOperations } from './operations/actions.ts';
import { answerTo, type Question } from './operations/declaration.ts';
import { clusterOperations } from './operations/cluster.ts';
import { definitionOperations } from './operations/definitions.ts';
import { Door } from './operations/door.ts';
import { eventOperations } from './operations/events.ts';
import { executionOperations } from './operations/executions.ts';
import { historyOperations } from './operations/history.ts';
import { messageStartOperations } from './operations/message-starts.ts';
import { messageOperations } from './operations/messages.ts';
import { taskOperations } from './operations/tasks.ts';
import type { Peer } from './routing/peer.ts';
import { Router } from './routing/router.ts';
import { storeForCallers } from './shards/callers-store.ts';
import { Persistence } from './shards/persistence.ts';
import { FrameCodec } from './transport/frame-codec.ts';
import { Hub } from './transport/hub.ts';
import type { Wire } from './transport/wire.ts';

/** Of a store that is one process's alone, and of one that several share. */
const LEASE_MS: Millis = 30_000;
const SHARED_LEASE_MS: Millis = 3_000;
const SHARED_SHARDS = 256;
/** How often a node tries to join again. */
const REJOIN_MS: Millis = 500;
/** How long a store that answers nothing holds up the end of a node. */
const STORE_PATIENCE_MS: Millis = 5_000;

/** One node: the engine on the shards that it owns, and the operations by which it is asked. */
export class ClusterNode {
  readonly operations: Operations;
  readonly #options: ClusterNodeOptions;
  readonly #shards: number;
  readonly #log: Log;
  readonly #router: Router;
  readonly #persistence: Persistence;
  readonly #feed: EventFeed;
  readonly #codec: FrameCodec;
  /** Of this incarnation. */
  #wire: Wire | null = null;
  #listening = false;
  #incarnation!: NodeIncarnation;
  /** It is to end: a lease that is lost by then is not taken anew. */
  #leaving = false;
  /** What an operator asked of it last, as far as it knew. */
  #duty: Duty = 'serve';
  /** Who lived, as it knew last. */
  #membership: Membership | null = null;

  private constructor(options: ClusterNodeOptions, shards: number) {
    this.#options = options;
    this.#shards = shards;
    const { store, clock, chance, workflows, build, version, tasks = [] } = options;
    this.#log = options.log;
    this.#codec = new FrameCodec(options.cluster ?? 'dfns', options.secret, clock, options.log);
    const persistence = (this.#persistence = new Persistence(clock, options.log));
    const router = (this.#router = new Router({
      ...{ clock, shards, persistence },
      alone: store.exclusive,
      refused: () => this.#refused('not-owner'),
    }));
    const feed: EventFeed = new EventFeed({
      clock,
      name: chance.uuid().replaceAll('-', '').slice(-12),
      hear: listening => {
        this.#listening = listening;
        this.#incarnation.engine.tellChanges(listening ? feed.own : null);
      },
    });
    this.#feed = feed;
    // One that joins again knows of the others until it reads who lives.
    const membership = () => (this.#membership = this.#incarnation.membership ?? this.#membership);
    const context = {
      ...{ router, chance, persistence, feed, build, version, shards, workflows, tasks, membership },
      store: storeForCallers(store, () => this.#refused('store')),
      door: new Door({
        ...{ workflows, router, membership },
        consult: (nodes, question) => this.#incarnation.consultations.ask(nodes, question),
      }),
      // Whoever can listen at several nodes goes on at another where it was.
      cursors: new Cursors(
        store.exclusive ? chance.uuid() + chance.uuid() : `${options.secret ?? ''} ${options.cluster ?? 'dfns'}`,
      ),
      now: () => clock.now(),
      node: () => this.#incarnation.joined.incarnation,
      report: () => this.#incarnation.report(),
    };
    this.operations = {
      ...executionOperations(context),
      ...messageOperations(context),
      ...messageStartOperations(context),
      ...actionOperations(context),
      ...taskOperations(context),
      ...historyOperations(context),
      ...eventOperations(context),
      ...definitionOperations(context),
      ...clusterOperations(context),
    };
  }

  /**
   * Joins the store and takes the shards that are its own to take. Resolves when the node serves; what was left in hand
   * is read after that.
   */
  static async start(options: ClusterNodeOptions): Promise<ClusterNode> {
    const { store } = options;
    const stored = (await store.shards()).length;
    const shards = options.shards ?? (stored || (store.exclusive ? BOUNDS.shards : SHARED_SHARDS));
    const node = new ClusterNode(options, shards);
    await node.#begin(await node.#join());
    return node;
  }

  /** This process start, or what the node became when it lost its lease. */
  get incarnation(): Incarnation {
    return this.#incarnation.joined.incarnation;
  }

  /** What can be asked of the execution's owner, below the operations: nothing is checked or parsed. */
  to(namespace: string, id: string): Peer {
    return this.#router.to(namespace, id);
  }

  /** Resolves when all that the last owners of the shards left in hand goes on here. */
  get takenOver(): Promise<void> {
    return this.#incarnation.takenOver;
  }

  /** Other nodes share its store, and have never been heard: it cannot ask them, nor they it. */
  get isStranger(): boolean {
    return this.#incarnation.isStranger;
  }

  /** Attempts whose bodies have not ended. */
  get bodiesRunning(): number {
    return this.#incarnation.engine.parts.bodies.running;
  }

  /** Gives its shards to other nodes, takes no new calls and starts no bodies; gives bodies in hand this long to end. */
  async drain(withinMs: Millis): Promise<void> {
    const until = this.#options.clock.now() + withinMs;
    this.#leaving = true;
    this.#tell('this node leaves: others are to have its shards', { shards: this.#incarnation.ownership.size });
    await this.#incarnation.leave();
    await this.#incarnation.engine.drain(until);
    const bodies = this.bodiesRunning;
    if (bodies > 0) {
      this.#log.write('warn', 'task bodies did not end in time, and are aborted', { bodies });
    }
  }

  /**
   * Ends turns in hand, aborts bodies and gives the shards up, so that the next owner knows that nothing is in hand.
   * Where the store does not answer it ends as a crash does: a commit that may yet land keeps its shard.
   */
  async stop(): Promise<void> {
    this.#end();
    const isLeft = await this.#incarnation.stop(STORE_PATIENCE_MS);
    await this.#wire?.close();
    if (isLeft) return this.#tell('this node has left', {});
    this.#log.write('error', 'the store did not answer: the node ended without giving its shards up; nothing is lost', {
      waitedMs: STORE_PATIENCE_MS,
    });
  }

  /** Puts every execution out of memory, at once, and reads it again, as a change of owner does; bodies go on. */
  readAnew(): Promise<void> {
    return this.#incarnation.readAnew();
  }

  /** Ends as a crash does. */
  kill(): void {
    this.#end();
    this.#incarnation.kill();
    void this.#wire?.close();
  }

  #refused(reason: 'store' | 'not-owner'): void {
    const count = this.#options.measurements?.counter('rejected', [reason]);
    if (count) count.value++;
  }

  /** Of what only nodes among others do. */
  #tell(message: string, fields: LogFields): void {
    if (!this.#options.store.exclusive) this.#log.write('info', message, { node: this.incarnation, ...fields });
  }

  #end(): void {
    this.#leaving = true;
    this.#router.use(null);
    this.#persistence.stop();
    this.#feed.stop();
  }

  async #join(): Promise<Joined> {
    const { store, chance, leaseMs = store.exclusive ? LEASE_MS : SHARED_LEASE_MS } = this.#options;
    const incarnation = chance.uuid() as Incarnation;
    const ordinal = await this.#joinAs(incarnation, leaseMs);
    this.#options.joined?.(incarnation);
    return { incarnation, ordinal, shards: this.#shards, leaseMs };
  }

  /** Resolves with an ordinal that was never given before, also to an incarnation that lives. */
  async #joinAs(incarnation: Incarnation, leaseMs: Millis): Promise<number> {
    const { store, build, workflows, address = store.exclusive ? 'local' : incarnation } = this.#options;
    const { ordinal } = await store.join({
      ...{ incarnation, address, build, leaseMs, shards: this.#shards },
      workflows: [...workflows].map(({ name, version }) => ({ name, version })),
    });
    return ordinal;
  }

  async #begin(joined: Joined): Promise<void> {
    const { incarnation } = joined;
    const { connect, clock } = this.#options;
    // A wire is of one incarnation.
    void this.#wire?.close();
    const wire = connect ? await connect() : new Hub(clock).wire();
    if (this.#leaving) {
      void wire.close();
      return this.#leaveAtOnce(joined);
    }
    this.#wire = wire;
    const life: NodeIncarnation = new NodeIncarnation(
      {
        options: this.#options,
        log: withFields(this.#log, { node: incarnation }),
        router: this.#router,
        wire,
        codec: this.#codec,
        feed: this.#feed,
        answer: question => {
          const { name, version } = (question as Question).workflow;
          return answerTo(question as Question, this.#options.workflows.get(name, version));
        },
        changes: () => (this.#listening ? this.#feed.own : null),
        drawOrdinal: () => this.#drawOrdinal(joined),
        ended: () => {
          if (this.#incarnation === life) void this.#rejoin();
        },
      },
      joined,
    );
    this.#incarnation = life;
    if (!this.#options.store.exclusive) this.#feed.begin();
    await life.begin();
    const { address, build } = this.#options;
    this.#tell('this node has joined', { address, build });
  }

  /** As a new incarnation: the dead one never lives again. What an operator asked of it is asked of the new one too. */
  async #rejoin(): Promise<void> {
    this.#router.use(null);
    if (this.#leaving) return;
    const { store } = this.#options;
    // One that lost its lease before it knew of its duty has that of the one before it.
    const duty = (this.#duty = this.#incarnation.duty ?? this.#duty);
    const { incarnation } = this.#incarnation.joined;
    const joined = await this.#persistence.attempt('joining again', () => this.#join(), REJOIN_MS);
    if (!joined) return;
    if (this.#leaving) return this.#leaveAtOnce(joined);
    // What it had in hand others took for what took it down: it has not, though only now somebody can say so.
    void this.#persistence.attempt('telling that this node lives on', () => this.#livesOn(incarnation));
    if (duty !== 'serve') {
      await this.#persistence.attempt('keeping its duty', () => store.setDuty(joined.incarnation, duty));
    }
    await this.#persistence.attempt('joining again', () => this.#begin(joined));
  }

  /** It was told to end while it joined again: whoever told it waits for the incarnation before. */
  async #leaveAtOnce({ incarnation }: Joined): Promise<void> {
    // A store that does not answer sees its lease end.
    await this.#options.store.leave(incarnation).catch(() => undefined);
  }

  async #livesOn(incarnation: Incarnation): Promise<void> {
    const { store, build } = this.#options;
    await store.noteDeath?.({ incarnation, build, eid: NOBODY, command: 0, isBody: false, address: null });
  }

  /** An ordinal is given to whoever joins, so one is had by joining once more. */
  async #drawOrdinal({ incarnation, leaseMs }: Joined): Promise<number> {
    const { store, chance } = this.#options;
    if (!store.exclusive) return this.#joinAs(incarnation, leaseMs);
    // Here a lease ends once the node has its shards, and who joins then has ended: so somebody else does, and leaves.
    const other = chance.uuid() as Incarnation;
    const ordinal = await this.#joinAs(other, leaseMs);
    await store.leave(other);
    return ordinal;
  }
}
