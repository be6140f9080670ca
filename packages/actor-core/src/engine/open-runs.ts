import { isOpen } from '../execution/status.ts';
import type { ShardId } from '../ids/ids.ts';
import type { OpenCount } from '../ports/store/open-count.ts';
import type { Write } from './committer.ts';

/** Runs by namespace. */
type Tally = Map<string, number>;

/**
 * How many runs are open in the shards of this node. The store counts a shard once, as of a moment at which nothing of this
 * node is on its way; former owners are fenced, and nobody else opens or closes a run. So what landed before that moment is
 * in its count, whoever wrote it, and what lands after it is in none: these writes are tallied from that moment on.
 */
export class OpenRuns {
  readonly #counted = new Map<ShardId, Tally>();
  /** What was opened less what was closed since the moment of a count that is on its way. */
  readonly #since = new Map<ShardId, Tally>();

  /**
   * The moment of a count, whose answer it takes then. It takes the place of an earlier one that is on its way; of shards
   * that were forgotten since nothing is taken.
   */
  begin(shards: readonly ShardId[]): (counts: readonly OpenCount[]) => void {
    const begun = new Map<ShardId, Tally>(shards.map(shard => [shard, new Map()]));
    for (const [shard, tally] of begun) this.#since.set(shard, tally);
    return counts => {
      for (const { shard, namespace, runs } of counts) add(begun.get(shard), namespace, runs);
      for (const [shard, tally] of begun) {
        if (this.#since.get(shard) !== tally) continue;
        this.#since.delete(shard);
        this.#counted.set(shard, tally);
      }
    };
  }

  /** A write is durable. */
  landed({ namespace, entry: { shard, insert, update } }: Write): void {
    const opened = insert && isOpen(insert.status) ? 1 : 0;
    const closed = update?.status && !isOpen(update.status) ? 1 : 0;
    if (opened === closed) return;
    add(this.#counted.get(shard), namespace, opened - closed);
    add(this.#since.get(shard), namespace, opened - closed);
  }

  /** The shard is another's. */
  forget(shard: ShardId): void {
    this.#counted.delete(shard);
    this.#since.delete(shard);
  }

  byNamespace(): Iterable<readonly [readonly [string], number]> {
    const sums: Tally = new Map();
    for (const tally of this.#counted.values()) for (const [namespace, runs] of tally) add(sums, namespace, runs);
    return Array.from(sums, ([namespace, runs]) => [[namespace], runs] as const);
  }
}

/** Of namespaces come and gone nothing is kept. */
function add(tally: Tally | undefined, namespace: string, runs: number): void {
  if (!tally) return;
  const sum = (tally.get(namespace) ?? 0) + runs;
  if (sum === 0) tally.delete(namespace);
  else tally.set(namespace, sum);
}
