import { isOpen } from '@dfnsjs/actor-core/records';
import type { Histories, RunHistory } from './history.ts';
import { Violation } from './violation.ts';

/** Executions that have not ended, oldest first. */
export function openRuns(histories: Histories): RunHistory[] {
  return [...histories.runs.values()].filter(run => isOpen(run.row.status));
}

/** Nothing runs for ever once faults have stopped. */
export function assertAllEnded(histories: Histories, waitedMs: number): void {
  const [run] = openRuns(histories);
  if (!run) return;
  const { row, turns } = run;
  const state = row.held ? `held (${row.held.code}: ${row.held.message})` : `wakeAt ${row.wakeAt}`;
  throw new Violation(
    'progress',
    `"${row.id}", run ${row.runId}, has ${turns.length} turns, is ${state} and has not ended in ${waitedMs} ms without faults.`,
  );
}
