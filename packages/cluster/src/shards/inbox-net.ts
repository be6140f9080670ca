import {
  inSenderOrder,
  type Clock,
  type InboxKey,
  type InboxRow,
  type ScanFrom,
  type Store,
} from '@dfnsjs/actor-core/ports';
import type { Millis, ShardId } from '@dfnsjs/actor-core/records';
import { LARGEST_PAGE, wholeReceivers } from './inbox-pages.ts';
import type { Persistence } from './persistence.ts';
import { shareOf } from './scan-pages.ts';

/** A message that waits this long may have been lost on its way to its receiver: its row is there, and nobody knows. */
const OVERDUE_MS: Millis = 60_000;
/** Of a shard, in one pass: the next goes on where this one ended. */
const ROWS_OF_SHARD = 10_000;

export interface InboxNetOptions {
  readonly store: Pick<Store, 'inbox'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly persistence: Persistence;
  shards(): readonly ShardId[];
  /** A message that waits for as long is delivered again. Default one minute. */
  readonly overdueMs?: Millis | undefined;
  /** A receiver that has a message already knows it again. */
  deliver(rows: readonly InboxRow[]): void;
}

/** Reads the inbox again, slowly, and delivers what has waited for long: the net under deliveries that were lost. */
export class InboxNet {
  readonly #options: InboxNetOptions;
  /** Of shards that have more than a pass reads. */
  readonly #from = new Map<ShardId, InboxKey>();
  #last: Promise<void> = Promise.resolve();

  constructor(options: InboxNetOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all is read that passes before it left.
   * @param overdueMs how long what is delivered has waited. Default as of the options
   */
  pass(overdueMs?: Millis): Promise<void> {
    this.#last = this.#last.then(() => this.#pass(overdueMs));
    return this.#last;
  }

  async #pass(overdueMs = this.#options.overdueMs ?? OVERDUE_MS): Promise<void> {
    const { store, persistence } = this.#options;
    const read = new Map<ShardId, number>();
    let from: ScanFrom<InboxKey>[] = this.#options.shards().map(shard => ({ shard, after: this.#from.get(shard) }));
    this.#from.clear();
    for (let more = 1; from.length > 0;) {
      const places = from;
      const limit = Math.min(LARGEST_PAGE, shareOf(places.length) * more);
      const page = await persistence.attempt('reading the inbox again', () => store.inbox(places, limit));
      if (!page) return;
      const { whole, next, isStuck } = wholeReceivers(page, places, limit);
      this.#deliver(whole, overdueMs);
      // A receiver that is more than a page is read from its first row again, in a larger one.
      more = isStuck ? more * 2 : 1;
      from = next.filter(place => {
        // Read once more, as a larger page.
        if (places.includes(place)) return true;
        const rows = (read.get(place.shard) ?? 0) + limit;
        read.set(place.shard, rows);
        if (rows < ROWS_OF_SHARD) return true;
        this.#from.set(place.shard, place.after!);
        return false;
      });
    }
  }

  /** In the order of each sender, of which what came before stands in the same page. */
  #deliver(rows: readonly InboxRow[], overdueMs: Millis): void {
    const { clock, deliver } = this.#options;
    const overdue = clock.now() - overdueMs;
    // Without a time to wait a row counts also where its sender's clock is ahead of this one.
    const due = inSenderOrder(rows).filter(({ at }) => overdueMs === 0 || at <= overdue);
    deliver(due.map(({ row }) => row));
  }
}
