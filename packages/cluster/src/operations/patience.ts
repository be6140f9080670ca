import { DfnsError } from '@dfnsjs/actor-core';
import type { Persistence } from '../shards/persistence.ts';

/** How soon an answer is asked for again that nobody could give. */
const ASK_AGAIN_MS = 50;

/** Whoever waits for what is yet to come goes on waiting while the shard changes hands or is read anew. */
export async function whileUnavailable<T>(
  persistence: Persistence,
  ask: () => Promise<T>,
  abort?: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isUnavailable = error instanceof DfnsError && error.code === 'UNAVAILABLE';
      if (!isUnavailable || persistence.stopped) throw error;
      await persistence.wait(ASK_AGAIN_MS);
      if (persistence.stopped) throw error;
      abort?.throwIfAborted();
    }
  }
}
