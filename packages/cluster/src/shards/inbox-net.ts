import type { Clock, InboxKey, InboxRow, Store } from '@dfnsjs/actor-core/ports';
import type { Millis, ShardId } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';

/** A message that waits this long may have been lost on its way to its receiver: its row is there, and nobody knows. */
const OVERDUE_MS: Millis = 60_000;
const PAGE = 1_000;
/** Of a shard, at a time: the next pass goes on where this one ended. */
const PAGES = 10;

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
  readonly #from = new Map<ShardId, InboxKey>();

  constructor(options: InboxNetOptions) {
    this.#options = options;
  }

  /** @param overdueMs how long what is delivered has waited. Default as of the options */
  async pass(overdueMs = this.#options.overdueMs ?? OVERDUE_MS): Promise<void> {
    for (const shard of this.#options.shards()) await this.#shard(shard, overdueMs);
  }

  async #shard(shard: ShardId, overdueMs: Millis): Promise<void> {
    const { store, clock, persistence, deliver } = this.#options;
    const overdue = clock.now() - overdueMs;
    for (let pages = 0; pages < PAGES; pages++) {
      const after = this.#from.get(shard);
      const page = await persistence.attempt('reading the inbox again', () => store.inbox(shard, PAGE, after));
      if (!page) return;
      const last = page.at(-1);
      if (last && page.length === PAGE) this.#from.set(shard, last);
      else this.#from.delete(shard);
      deliver(page.filter(({ accepted }) => accepted <= overdue));
      if (page.length < PAGE) return;
    }
  }
}
