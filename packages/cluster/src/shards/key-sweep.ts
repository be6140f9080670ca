import type { Store } from '@dfnsjs/actor-core/ports';
import type { Persistence } from './persistence.ts';

/** Keys deleted at once, and how long others have the store in between. */
const BATCH = 1_000;
const PACE_MS = 200;

/** Deletes idempotency keys that have expired, some at a time, until none is left. */
export async function sweepKeys(store: Pick<Store, 'expireKeys'>, persistence: Persistence): Promise<void> {
  for (;;) {
    const expired = await persistence.attempt('deleting expired keys', () => store.expireKeys(BATCH));
    if (expired === undefined || expired < BATCH) return;
    await persistence.wait(PACE_MS);
    if (persistence.stopped) return;
  }
}
