import { performance } from 'node:perf_hooks';
import type { Database } from 'better-sqlite3';
import { setMeta } from './migrate.ts';

/** Commits that take longer than this belong off the event loop. */
export const SLOW_COMMIT_MS = 1;

/** Median time of a small durable commit, in milliseconds. */
export function probeCommit(database: Database): number {
  const times = [1, 2, 3].map(round => {
    const start = performance.now();
    setMeta(database, 'probe', round);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[1] ?? 0;
}
