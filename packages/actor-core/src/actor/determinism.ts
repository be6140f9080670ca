import type { DfnsError } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Log } from '../ports/telemetry/log.ts';
import { impureCall, lineOf } from './faults.ts';
import { unguarded } from './guard.ts';
import type { Impurity } from './running.ts';

/**
 * What becomes of workflow code that does what no replay can repeat: nothing, a warning (once for each place), or an
 * error that names what ctx has for it.
 */
export type DeterminismMode = 'off' | 'warn' | 'throw';

/** Places that are told: beyond it nothing new is said. */
const PLACES = 1_000;

/** How a node takes impure workflow code. One for all its runs, so that a place is told of once. */
export class Determinism {
  readonly mode: DeterminismMode;
  /** For lines that are written in a turn: that a log looks at the clock is no fault of the workflow. */
  readonly log: Log;
  readonly #told = new Set<string>();

  constructor(mode: DeterminismMode, log: Log) {
    this.mode = mode;
    this.log =
      mode === 'off' ? log : { write: (level, message, fields) => unguarded(() => log.write(level, message, fields)) };
  }

  /** Throws NON_DETERMINISM with the line, or warns of it. */
  impure(run: RunRow, impurity: Impurity): void {
    if (this.mode === 'off') return;
    if (this.mode === 'throw') throw impureCall(impurity);
    // A stack is not made for nothing.
    if (this.#told.size >= PLACES) return;
    const error = impureCall(impurity);
    this.#tell(run, error, `${run.workflow} ${impurity.call} ${lineOf(error)}`);
  }

  /** A run waits on nothing that will ever come. */
  stuck(run: RunRow, error: DfnsError): void {
    this.#tell(run, error, `${run.workflow} ${run.id} is stuck`);
  }

  #tell(run: RunRow, error: DfnsError, place: string): void {
    if (this.#told.has(place) || this.#told.size >= PLACES) return;
    this.#told.add(place);
    this.log.write('warn', error.message, { executionId: run.id, workflow: run.workflow, code: error.code });
  }
}
