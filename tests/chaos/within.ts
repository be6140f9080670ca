import { setTimeout as pause } from 'node:timers/promises';

/** Beyond it, whatever does not go on is taken for stuck. */
const STUCK_MS = 60_000;
const POLL_MS = 20;

/** Until the condition holds; rejects where that takes too long. */
export async function holdsWithin(
  what: string,
  holds: () => boolean | Promise<boolean>,
  stuckMs = STUCK_MS,
): Promise<void> {
  const until = performance.now() + stuckMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`${stuckMs} ms were not enough for ${what}.`);
    await pause(POLL_MS);
  }
}

/** What the promise resolves with; rejects where that takes too long. */
export async function settlesWithin<T>(what: string, promise: Promise<T>, stuckMs = STUCK_MS): Promise<T> {
  const over = new AbortController();
  const stuck = pause(stuckMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${stuckMs} ms were not enough for ${what}.`);
  });
  stuck.catch(() => undefined);
  try {
    return await Promise.race([promise, stuck]);
  } finally {
    over.abort();
  }
}
