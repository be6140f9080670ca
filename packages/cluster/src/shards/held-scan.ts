import type { ScanFrom, Store } from '@dfnsjs/actor-core/ports';
import { healsByItself, type Eid, type Held, type RunRow, type ShardId } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';
import { scanPages } from './scan-pages.ts';
import type { Waker } from './waker.ts';

/**
 * Lets held executions try again that may find now what they lacked: the code that runs here is other code, even where
 * its fingerprint is the same, since that does not see all that a workflow calls. `found` is told of each held one first.
 */
export async function scanHeld(
  store: Pick<Store, 'held'>,
  waker: Waker,
  persistence: Persistence,
  shards: readonly ShardId[],
  found: (run: RunRow, held: Held) => void,
): Promise<void> {
  const read = (from: readonly ScanFrom<Eid>[], limit: number) =>
    persistence.attempt('the scan of held executions', () => store.held(from, limit));
  const begin = shards.map(shard => ({ shard }));
  for await (const page of scanPages(begin, read, (run: RunRow) => run.eid)) {
    for (const run of page) if (run.held) found(run, run.held);
    const healing = page.filter(({ held }) => held && healsByItself(held)).map(({ eid }) => eid);
    await waker.wake(healing, { crashed: false, retry: true });
  }
}
