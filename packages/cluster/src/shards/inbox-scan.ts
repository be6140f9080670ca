import type { InboxKey, Store } from '@dfnsjs/actor-core/ports';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';
import type { Waker } from './waker.ts';

const PAGE = 1_000;

/** Wakes every execution that has a message waiting in a shard's inbox; it reads its messages itself. */
export async function scanInbox(
  store: Pick<Store, 'inbox'>,
  waker: Waker,
  persistence: Persistence,
  shard: ShardId,
): Promise<void> {
  let after: InboxKey | undefined;
  for (;;) {
    const cursor = after;
    const page = await persistence.attempt('the inbox scan', () => store.inbox(shard, PAGE, cursor));
    if (!page) return;
    await waker.wake([...new Set<Eid>(page.map(row => row.receiver))]);
    if (page.length < PAGE) return;
    after = page.at(-1);
  }
}
