import type { ShardRow } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';

/** Who owns a shard, as far as this node has heard. */
export interface Route {
  /** null: nobody does, or did when it was looked at. */
  readonly owner: Incarnation | null;
  readonly epoch: Epoch;
}

/** The table of owners: from the store, and from what they announce. Later epochs win, whatever comes first. */
export class Routes {
  readonly #shards = new Map<ShardId, Route>();
  readonly #waiting = new Map<ShardId, (() => void)[]>();

  at(shard: ShardId): Route | undefined {
    return this.#shards.get(shard);
  }

  /** false: it is no news. */
  learn(shard: ShardId, owner: Incarnation | null, epoch: Epoch): boolean {
    const known = this.#shards.get(shard);
    if (known && (known.epoch > epoch || (known.epoch === epoch && (known.owner === owner || owner !== null)))) {
      return false;
    }
    this.#shards.set(shard, { owner, epoch });
    for (const wake of this.#waiting.get(shard)?.splice(0) ?? []) wake();
    this.#waiting.delete(shard);
    return true;
  }

  learnRows(rows: readonly ShardRow[]): void {
    for (const { shard, owner, epoch } of rows) this.learn(shard, owner, epoch);
  }

  /** Calls `heard` at the next news of the shard; gives what takes it back. */
  onNews(shard: ShardId, heard: () => void): () => void {
    const waiting = this.#waiting.get(shard);
    if (waiting) waiting.push(heard);
    else this.#waiting.set(shard, [heard]);
    return () => {
      const left = this.#waiting.get(shard);
      const at = left?.indexOf(heard) ?? -1;
      if (at >= 0) left!.splice(at, 1);
      if (left?.length === 0) this.#waiting.delete(shard);
    };
  }
}
