import { DfnsError } from '@dfnsjs/actor-core';
import type { Acquired, Clock, Measurements, ShardRow, Store } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';

/** How often a shard is asked for whose dead owner's lease is not over. */
const LOOK_AGAIN_MS = 100;

export interface OwnershipOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly incarnation: Incarnation;
  readonly build: string;
  readonly leaseMs: number;
  /** Absent: nothing is counted. */
  readonly measurements?: Measurements | undefined;
}

/** Which shards this incarnation owns, and under which epoch. */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #owned = new Map<ShardId, Epoch>();

  constructor(options: OwnershipOptions) {
    this.#options = options;
    options.measurements?.gauge('shardsOwned', () => [[[], this.#owned.size]]);
  }

  get shards(): readonly ShardId[] {
    return [...this.#owned.keys()];
  }

  owns(shard: ShardId): boolean {
    return this.#owned.has(shard);
  }

  /** undefined: nobody that is known here. */
  ownerOf(shard: ShardId): Incarnation | undefined {
    return this.#owned.has(shard) ? this.#options.incarnation : undefined;
  }

  /** Takes every shard of the store; waits for leases of owners that ended without a word. */
  async acquireAll(): Promise<readonly Acquired[]> {
    const { clock, leaseMs, store } = this.#options;
    const acquired: Acquired[] = [];
    let renewed = clock.now();
    for (const row of await store.shards()) {
      // On a slow disk many shards take longer than a lease.
      if (clock.now() > renewed + leaseMs / 3) {
        await this.#renew();
        renewed = clock.now();
      }
      acquired.push(await this.#acquire(row));
    }
    for (const { shard, epoch, clean } of acquired) {
      this.#owned.set(shard, epoch);
      this.#moved(clean ? 'acquired' : 'takeover', 1);
    }
    return acquired;
  }

  /** The store says that the shard is another's. */
  lost(shard: ShardId): void {
    if (this.#owned.delete(shard)) this.#moved('lost', 1);
  }

  async release(): Promise<void> {
    const { store, incarnation } = this.#options;
    // Epochs as they are now: a shard may have been read anew meanwhile.
    const rows = await store.shards();
    const own = rows.filter(row => row.owner === incarnation && this.#owned.has(row.shard));
    this.#owned.clear();
    await store.release(
      incarnation,
      own.map(({ shard, epoch }) => ({ shard, epoch, handOver: null })),
    );
    this.#moved('released', own.length);
  }

  #moved(reason: 'acquired' | 'takeover' | 'lost' | 'released', shards: number): void {
    const { measurements } = this.#options;
    if (measurements && shards > 0) measurements.counter('shardMoves', [reason]).value += shards;
  }

  async #acquire(row: ShardRow): Promise<Acquired> {
    const { store, clock, incarnation, build } = this.#options;
    let { epoch } = row;
    for (;;) {
      const acquired = await store.acquire(row.shard, epoch, incarnation, build);
      if (acquired) return acquired;
      await this.#renew();
      await new Promise<void>(resolve => clock.setTimer(clock.now() + LOOK_AGAIN_MS, resolve));
      epoch = (await store.shards()).find(({ shard }) => shard === row.shard)?.epoch ?? epoch;
    }
  }

  async #renew(): Promise<void> {
    const { store, incarnation } = this.#options;
    if ((await store.renew(incarnation)).alive) return;
    throw new DfnsError('UNAVAILABLE', "This node's lease ran out before it had its shards. Start it again.");
  }
}
