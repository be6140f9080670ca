import { inboxKeyOf, type InboxKey, type InboxRow, type ScanFrom } from '@dfnsjs/actor-core/ports';

/** Rows of one shard. As many as a mailbox holds by default: what is behind them is read from its first row again. */
export const LARGEST_PAGE = 10_000;

export interface Whole {
  readonly whole: readonly InboxRow[];
  /** Of shards that have more. */
  readonly next: ScanFrom<InboxKey>[];
  /** Some page is one receiver's alone. */
  readonly isStuck: boolean;
}

/**
 * The rows of receivers that a page has whole. Two rows of one sender may be written between two pages, the first of them
 * behind the end of the first: so no receiver is read in two, unless it has more than the largest page. From the first row of
 * a receiver on, that is, or from where such a one was left.
 */
export function wholeReceivers(page: readonly InboxRow[], places: readonly ScanFrom<InboxKey>[], limit: number): Whole {
  const whole: InboxRow[] = [];
  const next: ScanFrom<InboxKey>[] = [];
  let isStuck = false;
  const byShard = Map.groupBy(page, ({ shard }) => shard);
  for (const place of places) {
    const rows = byShard.get(place.shard) ?? [];
    if (rows.length < limit) {
      whole.push(...rows);
      continue;
    }
    const last = rows.at(-1)!;
    const before = rows.filter(({ receiver }) => receiver !== last.receiver);
    if (before.length > 0) {
      whole.push(...before);
      next.push({ shard: place.shard, after: inboxKeyOf(before.at(-1)!) });
    } else if (limit < LARGEST_PAGE) {
      isStuck = true;
      next.push(place);
    } else {
      whole.push(...rows);
      next.push({ shard: place.shard, after: inboxKeyOf(last) });
    }
  }
  return { whole, next, isStuck };
}
