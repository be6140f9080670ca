import type { ScanFrom } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';

/** Rows of all shards together that one call brings, about. */
const ROWS = 1_000;

/** What each of so many shards may bring in one call: a full one takes nothing from the others. */
export function shareOf(shards: number): number {
  return Math.ceil(ROWS / Math.max(1, shards));
}

/** Where a scan goes on behind a page: the shards of which it brought as many rows as each might. */
export function behind<Row extends { readonly shard: ShardId }, Place>(
  page: readonly Row[],
  limit: number,
  placeOf: (row: Row) => Place,
): ScanFrom<Place>[] {
  const counts = new Map<ShardId, number>();
  const places = new Map<ShardId, Row>();
  for (const row of page) {
    counts.set(row.shard, (counts.get(row.shard) ?? 0) + 1);
    places.set(row.shard, row);
  }
  return [...places]
    .filter(([shard]) => counts.get(shard) === limit)
    .map(([shard, row]) => ({ shard, after: placeOf(row) }));
}

/**
 * Page after page of many shards, one call for all: each has its share of a page, and those that were full are asked
 * again, with greater shares. `read` resolves with undefined where there is nothing to wait for any more.
 */
export async function* scanPages<Row extends { readonly shard: ShardId }, Place>(
  begin: readonly ScanFrom<Place>[],
  read: (from: readonly ScanFrom<Place>[], limit: number) => Promise<readonly Row[] | undefined>,
  placeOf: (row: Row) => Place,
): AsyncGenerator<readonly Row[]> {
  for (let from = begin; from.length > 0;) {
    const limit = shareOf(from.length);
    const page = await read(from, limit);
    if (!page) return;
    yield page;
    from = behind(page, limit, placeOf);
  }
}
