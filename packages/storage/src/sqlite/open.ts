import type { Store } from '@dfnsjs/actor-core/ports';
import { SLOW_COMMIT_MS } from './fsync-probe.ts';
import { resolveStorePath } from './path.ts';
import { openSession } from './session.ts';
import { SqliteStore } from './store.ts';
import { ThreadStore } from './thread.ts';

export interface SqliteOptions {
  /** Milliseconds since the epoch: the clock of leases and of idempotency. */
  readonly clock: () => number;
  /**
   * Where commits run. 'auto' (default): on the main thread if three small commits at opening took at most 1 ms in the
   * median, else in a worker thread.
   */
  readonly mode?: 'auto' | 'main' | 'worker';
}

/**
 * Opens the store in `path`, makes the file where there is none, and holds its lock until `close`. UNAVAILABLE while
 * another process or store has it; VALIDATION for a path that cannot be a store.
 */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Store> {
  const { clock, mode = 'auto' } = options;
  const file = resolveStorePath(path);
  if (mode === 'worker') return ThreadStore.open(file, clock);
  const session = openSession(file);
  if (mode === 'auto' && session.commitMs() > SLOW_COMMIT_MS) {
    session.close();
    return ThreadStore.open(file, clock);
  }
  return new SqliteStore(session, clock);
}
