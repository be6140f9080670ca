import { inboxKeyOf, type InboxKey, type ScanFrom, type Store } from '@dfnsjs/actor-core/ports';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';
import { scanPages } from './scan-pages.ts';
import type { Waker } from './waker.ts';

/** Wakes every execution that has a message waiting in the inbox of the shards; it reads its messages itself. */
export async function scanInbox(
  store: Pick<Store, 'inbox'>,
  waker: Waker,
  persistence: Persistence,
  shards: readonly ShardId[],
): Promise<void> {
  const read = (from: readonly ScanFrom<InboxKey>[], limit: number) =>
    persistence.attempt('the inbox scan', () => store.inbox(from, limit));
  const begin = shards.map(shard => ({ shard }));
  for await (const page of scanPages(begin, read, inboxKeyOf)) {
    await waker.wake([...new Set<Eid>(page.map(row => row.receiver))]);
  }
}
