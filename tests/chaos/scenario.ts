import { monitorEventLoopDelay } from 'node:perf_hooks';
import { check } from './check.ts';
import { Cluster } from './cluster.ts';
import type { Fault } from './faults/fault.ts';
import { Load } from './load.ts';
import { holdsWithin, settlesWithin } from './within.ts';

export interface Verdict {
  /** What does not hold. */
  readonly wrong: readonly string[];
  /** Places where a lease was lost though neither the fault nor a slow machine can have been why. */
  readonly lostLeases: readonly string[];
  readonly notes: number;
  /** Of bodies that may begin only once: those that went with their node. */
  readonly lost: number;
  /** Places where a node died, or lost its lease. */
  readonly harmed: number;
  /** How often shards were taken by another node, or again, since the fault began. */
  readonly moves: number;
  /** From the end of the fault until each sender had an answer to what it sent since. */
  readonly recoveredMs: number;
  /** What a note waited longest for its answer. */
  readonly slowestMs: number;
  /** How long this machine let a process wait: leases are not to blame for it. */
  readonly stallMs: number;
}

/** A lease of 3 s is lost by no less, where it is renewed each second. */
const STALL_MS = 500;

/** Three nodes under load, a fault, and a look at all that came of it. */
export async function run(fault: Fault, entities: number): Promise<Verdict> {
  const { strike, nobodyDies = false, isQuiet = false, diskMb } = fault;
  const stalls = monitorEventLoopDelay({ resolution: 20 });
  const cluster = await Cluster.start(3, diskMb);
  try {
    await cluster.shared(3);
    stalls.enable();
    const load = new Load(cluster.client(), isQuiet ? 0 : entities, cluster.ledger);
    const begun = performance.now();
    await holdsWithin('answers before the fault', () => load.allAnsweredSince(begun));
    const takings = await cluster.takings();
    const found = await strike(cluster, load);
    const over = performance.now();
    await holdsWithin('answers after the fault', () => load.allAnsweredSince(over));
    const recoveredMs = Math.round(performance.now() - over);
    load.end();
    const ended = await settlesWithin('results', load.ended);
    const moves = (await cluster.takings()) - takings;
    const harmed = await cluster.harmed();
    const wrong = [...found, ...load.backwards, ...(await check(cluster, ended))];
    const stallMs = Math.round(stalls.max / 1e6);
    const lostLeases = nobodyDies && stallMs < STALL_MS ? [...harmed] : [];
    const lost = ended.reduce((sum, each) => sum + each.lost, 0);
    const slowestMs = Math.round(load.tookMs.reduce((slowest, each) => Math.max(slowest, each), 0));
    const notes = ended.reduce((sum, { taken }) => sum + taken.length, 0);
    return { wrong, lostLeases, notes, lost, harmed: harmed.size, moves, recoveredMs, slowestMs, stallMs };
  } finally {
    await cluster.stop();
  }
}
