export { DfnsError, type DfnsErrorOptions } from './errors/dfns-error.ts';
export { ADVICE, type ErrorCode } from './errors/codes.ts';
export { TaskError } from './errors/task-error.ts';
export { TimeoutError } from './errors/timeout-error.ts';
export { CancelledError } from './errors/cancelled-error.ts';
export { TerminatedError } from './errors/terminated-error.ts';
export type { Duration, DurationUnit, Instant, Millis } from './time/duration.ts';
