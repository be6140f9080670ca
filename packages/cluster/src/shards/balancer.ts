import type { Acquired, Clock, Member, Membership, ShardRow, Store } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, Millis, ShardId } from '@dfnsjs/actor-core/records';
import { isPlaced, movesOf, type Moves } from '../placement/moves.ts';
import { openWorkflowsIn } from './open-workflows.ts';
import type { Ownership } from './ownership.ts';
import type { Persistence } from './persistence.ts';

export interface BalancerOptions {
  readonly store: Pick<Store, 'shards' | 'openWorkflows'>;
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'setTimer'>;
  readonly ownership: Ownership;
  readonly persistence: Persistence;
  readonly incarnation: Incarnation;
  /** Nobody else can own a shard of this store: all are taken. */
  readonly alone: boolean;
  /** Nodes come and go together: before shards move for a better place it is waited whether more do. Default 10 s. */
  readonly settleMs?: Millis | undefined;
  /** Before any of these is taken, as they were seen. Rejects where that is to be tried again. */
  willTake(rows: readonly ShardRow[]): Promise<void>;
  /** Before each shard is taken; false: none may be any more. */
  mayTake(): Promise<boolean>;
  /** Of what the store says of the shards. */
  seen(rows: readonly ShardRow[]): void;
  /** Shards that were taken just now. */
  took(acquired: readonly Acquired[]): void;
  /** A shard that others can have. */
  gave(shard: ShardId, epoch: Epoch, to: Incarnation): void;
}

/** Shards taken at a time: each is a statement, and its executions are read. */
const TAKEN_AT_ONCE = 8;
/** Moves of one node at a time, and how much of all shards it gives up in a second at most. */
const GIVEN_AT_ONCE = 2;
const GIVEN_A_SECOND = 0.05;
const SETTLE_MS: Millis = 10_000;
/**
 * Where the transport goes for all, or comes back, one node is the first to find out, and the others do within two
 * seconds: until then nobody gives up what would be back a moment later.
 */
const AWAY_SETTLE_MS: Millis = 3_000;
const SECOND_MS: Millis = 1_000;

/**
 * Keeps this node's shards as placement wants them: takes what is free or of a node that is no more at once, and gives
 * what is better placed elsewhere at a pace, so that a change of nodes never moves everything.
 */
export class Balancer {
  readonly #options: BalancerOptions;
  #membership: Membership | null = null;
  #steadySince: Millis = 0;
  /** Since when it alone is known to be out of reach; Infinity: it is not. Who comes and goes beside it is nothing to that. */
  #apartSince: Millis = Infinity;
  #passing: Promise<void> | null = null;
  #again = false;
  #later: { cancel(): void } | undefined;
  #nextGift: Millis = -Infinity;
  #stopped = false;

  constructor(options: BalancerOptions) {
    this.#options = options;
  }

  /** Who lives now, as it is read again and again. */
  members(membership: Membership): void {
    const isNew = this.#membership?.version !== membership.version;
    this.#membership = membership;
    const now = this.#options.clock.elapsed();
    if (isNew) this.#steadySince = now;
    const isApart = this.#self?.transport === false && membership.members.some(({ transport }) => transport);
    this.#apartSince = isApart ? Math.min(this.#apartSince, now) : Infinity;
    // One that leaves, or that cannot be reached, gives its shards up, and may not be heard when it says so.
    if (isNew || !membership.members.every(isPlaced)) void this.look();
  }

  /** Something about the shards is another than it was. Resolves when what can be done at once is done. */
  look(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#passing) {
      this.#again = true;
      return this.#passing;
    }
    this.#passing = this.#passes().finally(() => (this.#passing = null));
    return this.#passing;
  }

  /** Takes no more. Resolves when nothing that it took is on its way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#later?.cancel();
    await this.#passing;
  }

  async #passes(): Promise<void> {
    const { persistence } = this.#options;
    do {
      this.#again = false;
      if (!this.#membership && !this.#options.alone) return;
      const rows = await persistence.attempt('reading the shards', () => this.#options.store.shards());
      if (!rows) return;
      this.#options.seen(rows);
      await this.#pass(rows);
    } while (this.#again && !this.#stopped && !persistence.stopped);
  }

  async #pass(rows: readonly ShardRow[]): Promise<void> {
    const { ownership, incarnation } = this.#options;
    for (const { shard, owner } of rows) if (owner !== incarnation && ownership.serves(shard)) ownership.lost(shard);
    // Of a taking, or a giving, whose answer was lost.
    const strays = rows.filter(({ shard, owner }) => owner === incarnation && !ownership.has(shard));
    const moves = await this.#moves(rows);
    if (!moves) return;
    await this.#takeAll([...strays, ...moves.take]);
    const gifts = moves.give.filter(({ row }) => ownership.mayGive(row.shard));
    if (gifts.length > 0 && !this.#stopped) this.#give(gifts, rows.length);
  }

  /** undefined: the node stops. */
  async #moves(rows: readonly ShardRow[]): Promise<Moves | undefined> {
    const { incarnation, alone, store, persistence } = this.#options;
    if (alone) return { take: rows.filter(({ owner }) => owner !== incarnation), give: [] };
    const membership = this.#membership!;
    const living = new Set<string | null>(membership.members.map(each => each.incarnation));
    const own = rows.filter(({ owner }) => owner === incarnation || !living.has(owner)).map(({ shard }) => shard);
    // Behind the reading of the shards: one that is free by then holds the same for all who read it.
    const open = await persistence.attempt('reading what is open', () =>
      openWorkflowsIn(store, membership.members, own),
    );
    return open && movesOf(incarnation, rows, membership, open);
  }

  async #takeAll(rows: readonly ShardRow[]): Promise<void> {
    const { persistence, ownership } = this.#options;
    if (rows.length === 0) return;
    await persistence.attempt('reading of deaths', () => this.#options.willTake(rows));
    const left = [...rows];
    const takeSome = async () => {
      for (let row = left.shift(); row && !this.#stopped && !persistence.stopped; row = left.shift()) {
        const wanted = row;
        if (!(await this.#options.mayTake())) return;
        const acquired = await persistence.attempt('taking a shard', () => ownership.take(wanted));
        if (acquired) this.#options.took([acquired]);
      }
    };
    await Promise.all(Array.from({ length: this.#options.alone ? 1 : TAKEN_AT_ONCE }, takeSome));
  }

  /**
   * One that leaves, or that nobody reaches, gives all it can. One that is drained keeps to the pace, that what moves
   * and what stays goes on answering, but does not wait for others to settle.
   */
  #give(give: Moves['give'], shards: number): void {
    const { clock, settleMs = SETTLE_MS } = this.#options;
    const self = this.#self;
    const isLeaving = !self || self.state === 'leaving';
    const isDrained = self?.duty === 'drain';
    const isAway = self?.transport === false;
    const now = clock.elapsed();
    // While all are out of reach there is nobody to give them to sooner.
    const isApart = this.#apartSince !== Infinity;
    const settled = isApart ? this.#apartSince + Math.min(AWAY_SETTLE_MS, settleMs) : this.#steadySince + settleMs;
    const from = Math.max(isLeaving || isDrained ? now : settled, this.#nextGift);
    if (from > now) return this.#lookIn(from - now);
    const gifts = give.slice(0, GIVEN_AT_ONCE);
    const pace = Math.max(1, shards * GIVEN_A_SECOND);
    this.#nextGift = isLeaving || isAway ? now : now + (gifts.length / pace) * SECOND_MS;
    void Promise.all(gifts.map(gift => this.#giveOne(gift))).then(() => this.look());
  }

  get #self(): Member | undefined {
    return this.#membership?.members.find(({ incarnation }) => incarnation === this.#options.incarnation);
  }

  async #giveOne({ row, to }: Moves['give'][number]): Promise<void> {
    const epoch = await this.#options.ownership.give(row.shard);
    if (epoch !== undefined) this.#options.gave(row.shard, epoch, to);
  }

  #lookIn(ms: Millis): void {
    const { clock } = this.#options;
    this.#later?.cancel();
    this.#later = clock.setTimer(clock.now() + ms, () => void this.look());
  }
}
