import { setTimeout as pause } from 'node:timers/promises';
import { check } from './check.ts';
import { Cluster } from './cluster.ts';
import type { Fault } from './faults.ts';
import { Load } from './load.ts';

export interface Verdict {
  /** What does not hold. */
  readonly wrong: readonly string[];
  readonly notes: number;
  /** Of bodies that may begin only once: those that went with their node. */
  readonly lost: number;
  /** From the end of the fault until each sender had an answer to what it sent since. */
  readonly recoveredMs: number;
}

/** Beyond it, whatever does not go on is taken for stuck. */
const STUCK_MS = 60_000;

/** Three nodes under load, a fault, and a look at all that came of it. */
export async function run({ strike, isPlanned = false }: Fault, entities: number): Promise<Verdict> {
  const cluster = await Cluster.start(3);
  try {
    await cluster.shared(3);
    const load = new Load(cluster.client(), entities, cluster.ledger);
    await settled(load, performance.now(), 'before the fault');
    await strike(cluster);
    const over = performance.now();
    await settled(load, over, 'after the fault');
    const recoveredMs = Math.round(performance.now() - over);
    load.end();
    const ended = await within(load.ended, 'results');
    const lost = ended.reduce((sum, each) => sum + each.lost, 0);
    const notes = ended.reduce((sum, { taken }) => sum + taken.length, 0);
    return { wrong: await check(cluster, ended, isPlanned), notes, lost, recoveredMs };
  } finally {
    await cluster.stop();
  }
}

/** Until all senders are answered what they send from then on; rejects with what a sender met. */
async function settled(load: Load, since: number, when: string): Promise<void> {
  const failed = load.ended.then(() => undefined);
  const until = performance.now() + STUCK_MS;
  while (!load.allAnsweredSince(since)) {
    if (performance.now() > until) throw new Error(`Some senders have no answer ${when}, after ${STUCK_MS} ms.`);
    await Promise.race([pause(20), failed]);
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const over = new AbortController();
  const stuck = pause(STUCK_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`Not all ${what} came within ${STUCK_MS} ms.`);
  });
  stuck.catch(() => undefined);
  try {
    return await Promise.race([promise, stuck]);
  } finally {
    over.abort();
  }
}
