import { CancelledError, DfnsError } from '@dfnsjs/actor-core';
import { Determinism, Engine } from '@dfnsjs/actor-core/engine';
import type { Acquired, Changes, Duty, Log, Membership, NodeReport, Renewed, ShardRow } from '@dfnsjs/actor-core/ports';
import { ownedText } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, Millis, ShardId } from '@dfnsjs/actor-core/records';
import type { ClusterNodeOptions } from './cluster-node-options.ts';
import type { EventFeed } from './events/event-feed.ts';
import { Heartbeat } from './membership/heartbeat.ts';
import { Lease } from './membership/lease.ts';
import { MemberNews } from './membership/member-news.ts';
import { canHandOn } from './placement/moves.ts';
import { arrive, type Addressees } from './routing/arrivals.ts';
import { Attempts } from './routing/attempts.ts';
import { Inbound } from './routing/inbound.ts';
import { Consultations } from './routing/consultations.ts';
import { FeedPost } from './routing/feed-post.ts';
import { KIND } from './routing/items.ts';
import { LocalDelivery } from './routing/local-delivery.ts';
import { Post } from './routing/post.ts';
import { Reach } from './routing/reach.ts';
import { Requests } from './routing/requests.ts';
import type { Network, Router } from './routing/router.ts';
import { Routes } from './routing/routes.ts';
import { RowPost } from './routing/row-post.ts';
import { canStoreMessages, StoredMessages } from './routing/stored-messages.ts';
import { Balancer } from './shards/balancer.ts';
import { DueScan } from './shards/due-scan.ts';
import { InboxNet } from './shards/inbox-net.ts';
import { InboxWatch, NET_MS, WATCH_MS } from './shards/inbox-watch.ts';
import { sweepKeys } from './shards/key-sweep.ts';
import { leaveStore } from './shards/leaving.ts';
import { Ownership } from './shards/ownership.ts';
import { Persistence } from './shards/persistence.ts';
import { retentionRules } from './shards/retention-rules.ts';
import { RetentionSweep } from './shards/retention-sweep.ts';
import { SharedDeaths } from './shards/shared-deaths.ts';
import { Takeovers } from './shards/takeover.ts';
import { Upkeep } from './shards/upkeep.ts';
import { Waker } from './shards/waker.ts';
import type { FrameCodec } from './transport/frame-codec.ts';
import type { Wire } from './transport/wire.ts';

export interface Joined {
  readonly incarnation: Incarnation;
  readonly ordinal: number;
  /** Number of shards of the store. */
  readonly shards: number;
  readonly leaseMs: Millis;
}

export interface NodeSurroundings {
  readonly options: ClusterNodeOptions;
  readonly log: Log;
  readonly router: Router;
  readonly wire: Wire;
  readonly codec: FrameCodec;
  readonly feed: EventFeed;
  /** null: nobody listens to changes. */
  readonly changes: () => Changes | null;
  /** Of other nodes, to this one's code. */
  answer(question: unknown): Promise<unknown>;
  drawOrdinal(): Promise<number>;
  /** The incarnation is no more: the node goes on as another. */
  ended(): void;
}

/** How long a store that answers nothing holds up a node that leaves. */
const STORE_PATIENCE_MS: Millis = 5_000;
const MAX_STALL_MS: Millis = 10_000;
/** After a node could have lost its lease, how long before it is noticed that nobody is heard. */
const SLACK_MS: Millis = 3_000;
/** Shards are read again at least as often, should all news of them have been lost. */
const LOOK_EVERY = 10;

/** One process start of a node, or what it is after it lost its lease: an engine, the shards it owns, its way to others. */
export class NodeIncarnation {
  readonly engine: Engine;
  readonly ownership: Ownership;
  readonly joined: Joined;
  readonly consultations: Consultations;
  /** Once it has begun: resolves when all that was left in hand goes on here. */
  takenOver: Promise<void> = Promise.resolve();
  readonly #given: NodeSurroundings;
  readonly #persistence: Persistence;
  readonly #deaths: SharedDeaths;
  readonly #lease: Lease;
  readonly #heartbeat: Heartbeat;
  readonly #balancer: Balancer;
  readonly #takeovers: Takeovers;
  readonly #dueScan: DueScan;
  readonly #upkeep: Upkeep[] = [];
  readonly #inboxNet: InboxNet;
  readonly #post: Post;
  readonly #reach: Reach;
  readonly #news: MemberNews;
  readonly #requests: Requests;
  readonly #inbound: Inbound;
  readonly #attempts: Attempts;
  readonly #rows: RowPost;
  readonly #feedPost: FeedPost;
  readonly #addressees: Addressees;
  readonly #routes = new Routes();
  readonly #network: Network;
  #membership: Membership | null = null;
  #refreshing: Promise<void> | null = null;
  #beats = 0;
  #isSettled = false;
  #renewedAt: Millis;
  #state: NodeReport['state'] = 'ready';
  #ended = false;
  readonly #over = Promise.withResolvers<void>();

  constructor(given: NodeSurroundings, joined: Joined) {
    this.#given = given;
    this.joined = joined;
    const { options, log, wire, codec } = given;
    const { store, clock, build, measurements } = options;
    const { incarnation } = joined;
    const alone = store.exclusive;
    this.#renewedAt = clock.elapsed();
    const persistence = (this.#persistence = new Persistence(clock, log));
    this.#lease = new Lease(alone ? Infinity : joined.leaseMs);
    this.#deaths = new SharedDeaths(store, incarnation, build);
    this.engine = this.#newEngine();
    const { engine } = this;
    const waker = new Waker(store, engine, persistence);
    const dueScan = (this.#dueScan = new DueScan({
      ...{ store, clock, persistence, waker },
      shards: () => this.ownership.shards,
      isResident: eid => engine.residentOf(eid) !== undefined,
    }));
    this.#takeovers = new Takeovers({ engine, store, waker, dueScan, persistence, log });
    this.ownership = new Ownership({
      ...{ store, engine, clock, persistence, incarnation, build, measurements, lease: this.#lease },
    });
    const delivery = new LocalDelivery(engine, store, persistence);
    this.#post = new Post({
      ...{ wire, codec, clock, self: incarnation },
      received: (from, item) => {
        try {
          arrive(this.#addressees, from, item);
        } catch (error) {
          // Of another build, or of somebody who has the secret and is no node: it harms nobody.
          log.write('warn', 'something from another node could not be read', { from, error: String(error) });
        }
      },
    });
    if (options.connect)
      measurements?.gauge('transportUp', () => [[[], this.#post.isConnected && !this.#reach.isAway ? 1 : 0]]);
    this.#news = new MemberNews(log, incarnation);
    this.#reach = new Reach({
      ...{ clock, log, post: this.#post, self: incarnation },
      silentMs: Math.max(2 * joined.leaseMs, options.maxStallMs ?? MAX_STALL_MS) + SLACK_MS,
      changed: () => void this.#heartbeat.tell(),
      restored: () => this.#restored(),
    });
    this.#requests = new Requests(this.#post, clock, incarnation);
    this.#inbound = new Inbound({
      post: this.#post,
      peer: delivery,
      clock,
      stint: shard => this.ownership.stint(shard),
      isSure: () => this.#lease.isUnbounded || this.#lease.holds(clock.elapsed()),
    });
    this.#rows = new RowPost({
      ...{ store, persistence, self: incarnation, post: this.#post, routes: this.#routes },
      epochOf: shard => engine.epochOf(shard),
      deliver: rows => delivery.deliver(rows),
    });
    this.consultations = new Consultations({ post: this.#post, clock, answer: question => given.answer(question) });
    this.#feedPost = new FeedPost(this.#post, given.feed);
    this.#attempts = new Attempts({ engine, post: this.#post, routes: this.#routes, clock, log });
    this.#addressees = {
      ...{ inbound: this.#inbound, requests: this.#requests, rows: this.#rows, reach: this.#reach },
      ...{ consultations: this.consultations, feedPost: this.#feedPost, attempts: this.#attempts },
      owned: (shard, by, epoch) => this.#routes.learn(shard, by, epoch),
      // Whoever gave it up may leave, which decides who is to have it.
      freed: () => void this.#heartbeat.beat().then(() => this.#balancer.look()),
    };
    this.#balancer = new Balancer({
      ...{ store, clock, persistence, incarnation, alone, ownership: this.ownership },
      settleMs: options.settleMs,
      willTake: rows => this.#deaths.learn(rows),
      mayTake: () => (alone ? this.#keepLease() : Promise.resolve(!this.#ended)),
      seen: rows => this.#seen(rows),
      took: acquired => this.#took(acquired),
      gave: (shard, epoch) => this.#gave(shard, epoch),
    });
    this.#heartbeat = new Heartbeat({
      ...{ store, clock, incarnation, log, leaseMs: joined.leaseMs, lease: this.#lease },
      maxStallMs: options.maxStallMs ?? MAX_STALL_MS,
      report: () => this.report(),
      renewed: answer => this.#renewed(answer),
      members: membership => this.#members(membership),
      lost: () => this.#lost(),
    });
    const inboxNet = (this.#inboxNet = new InboxNet({
      ...{ store, clock, persistence },
      shards: () => this.ownership.shards,
      deliver: rows => delivery.deliver(rows),
      ...(alone ? {} : { overdueMs: NET_MS }),
    }));
    const isSomebodyAway = () =>
      this.#reach.isAway || this.#membership?.members.some(({ transport }) => !transport) === true;
    const watch = new InboxWatch(inboxNet, clock, isSomebodyAway);
    const retention = new RetentionSweep({
      ...{ store, clock, persistence, incarnation, log, measurements },
      rules: () => retentionRules(options.workflows, options.retention, clock.now(), this.#servedElsewhere),
      changes: () => given.changes(),
      isLeaving: () => this.#state === 'leaving',
    });
    const sweeps = [() => sweepKeys(store, persistence), () => retention.pass()];
    if (options.upkeep !== false) {
      this.#upkeep.push(
        alone ? new Upkeep(clock, [() => inboxNet.pass()]) : new Upkeep(clock, [() => watch.look()], WATCH_MS),
        new Upkeep(clock, sweeps),
      );
    }
    this.#network = {
      self: incarnation,
      local: delivery,
      requests: this.#requests,
      routes: this.#routes,
      stored: canStoreMessages(store)
        ? new StoredMessages({
            ...{ store, clock, persistence, self: incarnation, ordinal: joined.ordinal },
            ring: shard => this.#rows.ring(shard),
          })
        : null,
      refresh: () => this.#refresh(),
      awayMs: () => this.#reach.awayMs,
      stint: shard => this.ownership.stint(shard),
    };
  }

  /** Who lives, as it was read last; null before that, and where nobody else can. */
  get membership(): Membership | null {
    return this.#membership;
  }

  /** What an operator asks of it, as it was read last; undefined before that. */
  get duty(): Duty | undefined {
    const { incarnation } = this.joined;
    return this.#membership?.members.find(each => each.incarnation === incarnation)?.duty;
  }

  /** Resolves when the node has what was free, and serves it. What was left in hand is read after that. */
  async begin(): Promise<void> {
    const { store } = this.#given.options;
    if (!store.exclusive) this.#given.wire.onConnected(connected => this.#ended || this.#reach.connected(connected));
    // Servers that say nothing take longer than a lease.
    if (!store.exclusive) await this.#heartbeat.beat();
    await this.#post.open();
    if (this.#ended) return;
    if (!store.exclusive) this.#reach.begin();
    this.engine.tellChanges(this.#given.changes());
    this.#given.router.use(this.#network);
    this.#given.feed.use(this.#feedPost);
    if (store.exclusive) await this.#takeEverything();
    else {
      await this.#heartbeat.beat();
      // Whom it must hear is not known before.
      while (this.#membership === null && !this.#ended) await this.#persistence.wait(LOOK_AGAIN_MS);
      await this.#reach.settled();
      if (this.#ended) return;
      if (this.#reach.isAway) await this.#heartbeat.tell();
      this.#isSettled = true;
      if (this.#membership) this.#balancer.members(this.#membership);
      await this.#balancer.look();
      if (this.#ended) return;
      this.#attempts.begin();
    }
    this.takenOver = this.#takeovers.done.then(() => this.#upkeep.forEach(each => each.begin()));
  }

  /** Gives all shards to others, where there are any: bodies go on here, and their outcomes are offered there. */
  async leave(): Promise<void> {
    if (this.#given.options.store.exclusive) return;
    this.#state = 'leaving';
    await this.#takeNoMore(STORE_PATIENCE_MS);
    await this.#heartbeat.tell();
    const others = this.#membership?.members.some(each => each.incarnation !== this.joined.incarnation);
    // One whose lease ends meanwhile has nothing left to give.
    if (others)
      await Promise.race([this.ownership.giveAll((shard, epoch) => this.#gave(shard, epoch)), this.#over.promise]);
  }

  /**
   * Ends turns in hand, aborts bodies and gives the shards up, so that the next owner knows that nothing is in hand.
   * false: the store did not answer for so long; a commit that may yet land keeps its shard.
   */
  async stop(patienceMs: Millis): Promise<boolean> {
    await this.#takeNoMore(patienceMs);
    this.#dueScan.stop();
    for (const each of this.#upkeep) each.stop();
    const isStored = await this.engine.stop(patienceMs);
    const { store, clock } = this.#given.options;
    const isLeft =
      isStored &&
      (await leaveStore({ store, clock, persistence: this.#persistence }, this.joined.incarnation, patienceMs));
    this.#silence();
    return isLeft;
  }

  /** What is being taken just now is given up with the rest; a store that is silent is not waited for. */
  async #takeNoMore(patienceMs: Millis): Promise<void> {
    await Promise.race([this.#balancer.stop(), this.#persistence.wait(patienceMs)]);
  }

  /** Ends as a crash does. */
  kill(): void {
    this.#silence();
    this.engine.kill();
  }

  /** Puts every execution out of memory, at once, and reads it again, as a change of owner does; bodies go on. */
  async readAnew(): Promise<void> {
    const { store } = this.#given.options;
    const { shards } = this.ownership;
    const acquired: Acquired[] = [];
    for (const row of await store.shards()) {
      if (!shards.includes(row.shard)) continue;
      this.engine.disown(row.shard);
      const epoch = await store.resync(row.shard, row.epoch, this.joined.incarnation);
      if (epoch === undefined) continue;
      acquired.push({ ...row, epoch, clean: true, highestAccepted: 0, handOver: null });
      this.engine.own(row.shard, epoch, 0);
    }
    await this.#takeovers.read(acquired);
  }

  /** The store is this node's alone: it takes every shard, and waits for leases that a process left which ended. */
  async #takeEverything(): Promise<void> {
    for (;;) {
      await this.#balancer.look();
      if (this.ownership.size >= this.joined.shards) return;
      if (this.#ended)
        throw new DfnsError('UNAVAILABLE', "This node's lease ran out before it had its shards. Start it again.");
      await this.#persistence.wait(LOOK_AGAIN_MS);
      await this.#keepLease();
    }
  }

  /** On a slow disk many shards take longer than a lease. */
  async #keepLease(): Promise<boolean> {
    const { store, clock } = this.#given.options;
    const { incarnation, leaseMs } = this.joined;
    if (clock.elapsed() < this.#renewedAt + leaseMs / 3) return !this.#ended;
    this.#renewedAt = clock.elapsed();
    const renewed = await this.#persistence.attempt('renewing the lease', () => store.renew(incarnation));
    if (!renewed?.alive) this.#silence();
    return !this.#ended;
  }

  #newEngine(): Engine {
    const { options, log } = this.#given;
    const { clock, measurements, tracer } = options;
    const { incarnation, ordinal, shards } = this.joined;
    return new Engine({
      ...{ store: options.store, clock, chance: options.chance, log, measurements, tracer, deps: options.deps },
      determinism: new Determinism(options.determinism ?? 'off', log),
      ...{ workflows: options.workflows, incarnation, ordinal, build: options.build, shards },
      drawOrdinal: () => this.#persistence.attempt('drawing more numbers', () => this.#given.drawOrdinal()),
      serves: shard => this.ownership.serves(shard),
      deliver: (rows, from) => this.#rows.send(rows, from),
      attemptSettled: (at, attempt) => this.#attempts.settled(at, attempt),
      abortAttempt: (at, attempt) => this.#attempts.aborted(at, attempt),
      endedElsewhere: (shard, attempt, outcome) => this.#attempts.offer(shard, attempt, outcome),
      servedElsewhere: workflow => this.#membership !== null && canHandOn(options.build, workflow, this.#membership),
      heldForCode: () => void this.#balancer.look(),
      fenced: shard => this.#fenced(shard),
      dueScanned: () => this.#dueScan.scanned,
      passivated: wakeAt => this.#dueScan.passivated(wakeAt),
      deaths: options.deaths ?? this.#deaths,
      threads: options.threads ?? null,
      aroundTasks: options.aroundTasks ?? null,
      stage: options.stage,
      residents: options.residents,
      admission: options.admission,
      standIn: options.standIn,
      messagesPerTurn: options.messagesPerTurn,
      runsPerOrdinal: options.runsPerOrdinal,
      passivateAfterMs: options.passivateAfterMs,
    });
  }

  /** None of the nodes that live has ever been heard by this one. */
  get isStranger(): boolean {
    return this.#reach.isStranger;
  }

  /** What was on its way when others could not be reached is found in the inbox. */
  #restored(): void {
    void this.#inboxNet.pass(0);
    this.#network.stored?.ringAll();
    this.#given.feed.reconnected();
  }

  /** What it tells of itself with each renewal. */
  report(): NodeReport {
    const { clock } = this.#given.options;
    return {
      transport: !this.#reach.isAway,
      state: this.#state,
      residents: this.engine.parts.residents.size,
      loopLagMs: Math.round(clock.lag()),
    };
  }

  /** Names of workflows that nodes which live have, this one or others. */
  get #servedElsewhere(): readonly string[] {
    return this.#membership?.members.flatMap(({ workflows }) => workflows.map(({ name }) => name)) ?? [];
  }

  #renewed({ owned }: Renewed): void {
    const own = this.ownership.shards.map(shard => ({ shard, epoch: this.engine.epochOf(shard) ?? (0 as Epoch) }));
    // A shard that changes hands just now is seen here too: to look once too often is harmless.
    if (owned !== ownedText(own) || ++this.#beats % LOOK_EVERY === 0) void this.#balancer.look();
  }

  #members(membership: Membership): void {
    this.#membership = membership;
    const living = new Set(membership.members.map(({ incarnation }) => incarnation));
    for (const at of this.engine.awaitedNodes) if (!living.has(at)) this.engine.loseRemoteAt(at);
    this.#news.members(membership);
    this.#reach.members(membership);
    // Until then it is not known whether it may take anything.
    if (this.#isSettled) this.#balancer.members(membership);
    living.delete(this.joined.incarnation);
    this.#given.feed.members([...living]);
  }

  #seen(rows: readonly ShardRow[]): void {
    this.#routes.learnRows(rows);
  }

  #took(acquired: readonly Acquired[]): void {
    const fields: (number | Epoch)[] = [];
    for (const { shard, epoch } of acquired) {
      this.#routes.learn(shard, this.joined.incarnation, epoch);
      fields.push(shard, epoch);
    }
    if (!this.#given.options.store.exclusive) {
      this.#post.broadcast([KIND.owned, ...fields]);
      // What its last owner committed until just now it may have told nobody.
      if (acquired.some(({ clean }) => !clean)) this.#given.changes()?.missed();
    }
    this.#takeovers.add(acquired);
  }

  #gave(shard: ShardId, epoch: Epoch): void {
    this.#rows.left(shard);
    this.#routes.learn(shard, null, epoch);
    this.#post.broadcast([KIND.free, shard, epoch]);
  }

  #fenced(shard: ShardId): void {
    const { log, options } = this.#given;
    if (options.store.exclusive)
      log.write('error', 'another node has taken the shard: two nodes use one store', { shard });
    this.ownership.lost(shard);
    this.#rows.left(shard);
    void this.#balancer.look();
  }

  #refresh(): Promise<void> {
    const { store } = this.#given.options;
    this.#refreshing ??= store
      .shards()
      .then(
        rows => this.#seen(rows),
        () => undefined,
      )
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** Others run its attempts again by now, so its own are ended before anything else. */
  #lost(): void {
    if (this.#ended) return;
    this.engine.abortBodies(lostOwnership());
    const next = this.#state === 'leaving' ? ' before it has left: others take what it had' : ': it joins again';
    this.#given.log.write('error', `the lease of this node is over${next}`, {});
    this.kill();
    this.ownership.loseAll();
    this.#given.ended();
  }

  #silence(): void {
    this.#ended = true;
    this.#over.resolve();
    this.#reach.stop();
    this.#heartbeat.stop();
    void this.#balancer.stop();
    for (const each of this.#upkeep) each.stop();
    this.#persistence.stop();
    this.#dueScan.stop();
    this.#attempts.stop();
    this.#inbound.stop();
    this.#requests.stop();
    this.consultations.stop();
    this.#post.stop();
  }
}

/** How often a shard is asked for whose dead owner's lease is not over. */
const LOOK_AGAIN_MS: Millis = 100;

function lostOwnership(): DfnsError {
  return new CancelledError('This node lost its lease: the task runs again elsewhere.', {
    details: { reason: 'lost' },
  });
}
