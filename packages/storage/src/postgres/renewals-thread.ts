import { setTimeout as pause } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { Renewal } from '@dfnsjs/actor-core/ports';
import { RENEW, reportParameters, unpackRenewed } from './membership.ts';
import { Pool } from './pool.ts';
import { FAILED, monotonicMs, RenewalMemory } from './renewal-memory.ts';
import type { RenewalOrder } from './renewals.ts';

/** The thread's side of ThreadRenewals: asks the store again and again, while the main loop goes on. */
const { settings, incarnation, everyMs, maxStallMs, shared, port } = workerData as RenewalOrder;
const memory = new RenewalMemory(shared);
const pool = new Pool(1, () => settings);
const stopping = new AbortController();

/** After a failure, and to look whether a main loop that stood still goes on: a part of the time between two. */
const SOON = 4;

// The word to stop. Until then the port keeps the thread, also after a lease that is over.
port.on('message', () => {
  stopping.abort();
  void pool.close().finally(() => port.close());
});

/** Milliseconds until the next; undefined: the lease is over. */
async function renew(): Promise<number | undefined> {
  const sentAt = monotonicMs();
  if (sentAt - memory.stampedAt > maxStallMs) return everyMs / SOON;
  try {
    const parameters = [incarnation, ...reportParameters(memory.report())];
    const [row] = await pool.query(settings.timeoutMs, RENEW, parameters);
    const renewal: Renewal = { sentAt, answer: unpackRenewed(row) };
    port.postMessage(renewal);
    // After the message: who sees the number finds it.
    memory.answered();
    return renewal.answer.alive ? Math.max(0, sentAt + everyMs - monotonicMs()) : undefined;
  } catch {
    port.postMessage(FAILED);
    // The pool connects again; until then the lease runs on, and whoever looks sees how old the last answer is.
    return everyMs / SOON;
  }
}

for (let wait: number | undefined = 0; wait !== undefined && !stopping.signal.aborted; wait = await renew()) {
  await pause(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
}
await pool.close();
