import type { Engine, HandedOver } from '@dfnsjs/actor-core/engine';
import type { Acquired, Clock, Measurements, ShardRow, Store } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { Lease } from '../membership/lease.ts';
import { decodeHandOver, encodeHandOver } from './handover.ts';
import type { Persistence } from './persistence.ts';

export interface OwnershipOptions {
  readonly store: Pick<Store, 'acquire' | 'release'>;
  readonly engine: Pick<Engine, 'own' | 'expect' | 'handOver' | 'disown' | 'epochOf'>;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly lease: Lease;
  readonly persistence: Persistence;
  readonly incarnation: Incarnation;
  readonly build: string;
  /** Absent: nothing is counted. */
  readonly measurements?: Measurements | undefined;
}

/** Which shards this incarnation owns; how it comes by them, and gives them up. */
export class Ownership {
  readonly #options: OwnershipOptions;
  /** With the epoch under which each was taken. */
  readonly #owned = new Map<ShardId, Epoch>();
  /** Being given up. */
  readonly #leaving = new Set<ShardId>();

  constructor(options: OwnershipOptions) {
    this.#options = options;
    options.measurements?.gauge('shardsOwned', () => [[[], this.#owned.size]]);
  }

  get shards(): readonly ShardId[] {
    return [...this.#owned.keys()];
  }

  get size(): number {
    return this.#owned.size;
  }

  /** Whether the node may answer for the shard, and start bodies: it owns it, and its lease surely holds. */
  serves(shard: ShardId): boolean {
    const { lease, clock } = this.#options;
    return this.#owned.has(shard) && (lease.isUnbounded || lease.holds(clock.elapsed()));
  }

  /** As `serves`: the epoch under which the shard was taken, the same as long as it was served all along. */
  stint(shard: ShardId): Epoch | undefined {
    return this.serves(shard) ? this.#owned.get(shard) : undefined;
  }

  /** Owned, or about to be given up. */
  has(shard: ShardId): boolean {
    return this.#owned.has(shard) || this.#leaving.has(shard);
  }

  /** Takes a shard as it was seen; undefined: it is not to be had. A taking whose answer was lost is found again. */
  async take(row: ShardRow): Promise<Acquired | undefined> {
    const { store, engine, incarnation, build } = this.#options;
    const seen = row.owner === incarnation ? ((row.epoch - 1) as Epoch) : row.epoch;
    const acquired = await store.acquire(row.shard, seen, incarnation, build);
    if (!acquired || this.has(row.shard) || this.#options.persistence.stopped) return undefined;
    const { shard, epoch, highestAccepted, clean } = acquired;
    engine.expect(shard, decodeHandOver(acquired.handOver));
    engine.own(shard, epoch, highestAccepted, clean);
    this.#owned.set(shard, epoch);
    this.#moved(clean ? 'acquired' : 'takeover');
    return acquired;
  }

  /** Whether it is owned, and not being given up. */
  mayGive(shard: ShardId): boolean {
    return this.#owned.has(shard) && !this.#leaving.has(shard);
  }

  /** Gives a shard up, in order; resolves with its last epoch when others can have it, and undefined where it was lost. */
  async give(shard: ShardId): Promise<Epoch | undefined> {
    if (!this.mayGive(shard)) return undefined;
    this.#leaving.add(shard);
    let last: Epoch | undefined;
    try {
      await this.#options.engine.handOver(
        shard,
        () => this.#owned.delete(shard),
        async (epoch, open) => {
          last = epoch;
          await this.#release(shard, epoch, open);
        },
      );
    } finally {
      this.#leaving.delete(shard);
    }
    if (last !== undefined) this.#moved('released');
    return last;
  }

  /** The store says that the shard is another's. */
  lost(shard: ShardId): void {
    if (!this.#owned.delete(shard)) return;
    this.#options.engine.disown(shard);
    this.#moved('lost');
  }

  /** The lease is over: nothing is owned any more. */
  loseAll(): void {
    for (const shard of this.shards) this.lost(shard);
  }

  /** As `give`, with all that is owned; `gave` is told of each that others can have. */
  async giveAll(gave: (shard: ShardId, epoch: Epoch) => void): Promise<void> {
    for (const shard of this.shards) {
      const epoch = await this.give(shard);
      if (epoch !== undefined) gave(shard, epoch);
    }
  }

  async #release(shard: ShardId, epoch: Epoch, open: readonly HandedOver[]): Promise<void> {
    const { store, persistence, incarnation } = this.#options;
    const handOver = encodeHandOver(open);
    // A release of what is not owned any more changes nothing, so it may be repeated.
    await persistence.attempt('giving up a shard', () => store.release(incarnation, [{ shard, epoch, handOver }]));
  }

  #moved(reason: 'acquired' | 'takeover' | 'lost' | 'released'): void {
    const { measurements } = this.#options;
    if (measurements) measurements.counter('shardMoves', [reason]).value++;
  }
}
