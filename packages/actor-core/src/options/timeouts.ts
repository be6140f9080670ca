import { validation } from '../errors/dfns-error.ts';
import { type Duration, parseDuration } from '../time/duration.ts';

/** How long a task may take. Without one there is no limit. */
export interface TaskTimeouts {
  /** One attempt, start to end. */
  readonly timeout?: Duration | undefined;
  /** All attempts and the waits between them. */
  readonly totalTimeout?: Duration | undefined;
  /** Longest silence between two heartbeats of an attempt. */
  readonly heartbeatTimeout?: Duration | undefined;
}

/** How long an execution may take. */
export interface WorkflowTimeouts {
  /** All runs of the execution. Default: no limit. */
  readonly timeout?: Duration | undefined;
  /** One run. Default: no limit. */
  readonly runTimeout?: Duration | undefined;
  /** What `finally` blocks get after a timeout. Default 5 min. */
  readonly cleanupTimeout?: Duration | undefined;
}

/** Milliseconds above 0. Elsewhere 0 often means "no limit", so it is refused rather than guessed at. */
export function parseTimeout(value: unknown, what: string): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(value, what);
  if (ms === 0) throw validation(`${what} must be longer than 0; leave it out for no limit.`);
  return ms;
}
