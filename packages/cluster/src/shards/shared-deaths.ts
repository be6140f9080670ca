import { NOBODY, type DeathRow, type Deaths, type ShardRow, type Store } from '@dfnsjs/actor-core/ports';
import type { Eid, Incarnation, Millis, ShardId } from '@dfnsjs/actor-core/records';

/** Whose code took nodes down, as a store that nodes share knows it: read before shards are taken. */
export class SharedDeaths implements Deaths {
  readonly #store: Pick<Store, 'deaths'>;
  readonly #self: Incarnation;
  readonly #build: string;
  /** Of shards that somebody else owned when they were seen to be free. */
  readonly #lastOwners = new Map<ShardId, Incarnation>();
  #rows: readonly DeathRow[] = [];

  constructor(store: Pick<Store, 'deaths'>, self: Incarnation, build: string) {
    this.#store = store;
    this.#self = self;
    this.#build = build;
  }

  /**
   * Shards, as they were seen, are about to be taken: what their executions did to earlier nodes is to be known before
   * the first of them runs. Their owners are dead by now, and wrote it before that. Rejects where the store does not answer.
   */
  async learn(shards: readonly ShardRow[]): Promise<void> {
    if (!this.#store.deaths) return;
    for (const { shard, owner } of shards) {
      if (owner === null) this.#lastOwners.delete(shard);
      // A taking whose answer was lost: whose it was before is what was seen then.
      else if (owner !== this.#self) this.#lastOwners.set(shard, owner);
    }
    this.#rows = await this.#store.deaths();
  }

  of(eid: Eid): readonly Millis[] {
    return this.#times(death => death.eid === eid);
  }

  ofStart(namespace: string, id: string): readonly Millis[] {
    return this.#times(
      ({ address, build }) => address?.id === id && address.namespace === namespace && build === this.#build,
    );
  }

  lastIsNamed(shard: ShardId): boolean {
    const owner = this.#lastOwners.get(shard);
    return owner !== undefined && this.#rows.some(({ incarnation }) => incarnation === owner);
  }

  lastOwner(shard: ShardId): Incarnation | undefined {
    return this.#lastOwners.get(shard);
  }

  livedOn(node: Incarnation): boolean {
    return this.#rows.some(({ incarnation, eid }) => incarnation === node && eid === NOBODY);
  }

  /** Deaths are few: at nearly all times there are none. */
  #times(isIt: (death: DeathRow) => boolean): readonly Millis[] {
    return this.#rows.filter(isIt).map(({ at }) => at);
  }
}
