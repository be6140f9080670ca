import type { Clock, Store } from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';

export interface LeavingParts {
  readonly store: Pick<Store, 'shards' | 'release' | 'leave'>;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly persistence: Pick<Persistence, 'wait'>;
}

/** How soon a store that refused is asked again. */
const AGAIN_MS: Millis = 100;

/**
 * Releases what the incarnation owns, with nothing in hand, and ends it: nobody waits for its lease. false: the store did
 * not answer for so long.
 */
export async function leaveStore(
  { store, clock, persistence }: LeavingParts,
  incarnation: Incarnation,
  patienceMs: Millis,
): Promise<boolean> {
  const until = clock.elapsed() + patienceMs;
  while (clock.elapsed() < until) {
    try {
      const rows = (await store.shards()).filter(({ owner }) => owner === incarnation);
      const released = rows.map(({ shard, epoch }) => ({ shard, epoch, handOver: null }));
      if (released.length > 0) await store.release(incarnation, released);
      await store.leave(incarnation);
      return true;
    } catch {
      await persistence.wait(AGAIN_MS);
    }
  }
  return false;
}
