import type { Log } from './log.ts';
import type { Measurements } from './measurements.ts';
import type { Tracer } from './spans.ts';

/** All that a node tells of itself. */
export interface Telemetry {
  readonly log: Log;
  /** Absent where nobody measures: then nothing is counted. */
  readonly measurements: Measurements | undefined;
  /** Absent where nobody traces. */
  readonly tracer: Tracer | undefined;
}
