import { BOUNDS } from '../bounds.ts';
import { validation } from '../errors/dfns-error.ts';
import type { Status } from '../execution/status.ts';
import { readOptions } from '../options/known-options.ts';
import { type Duration, type Millis, parseDuration } from '../time/duration.ts';

/**
 * How long executions are kept after their end, at least a day: so long their starts and messages are known again. One
 * time for all, or by how they ended; what is left out stays for good.
 */
export type RetentionOption =
  | Duration
  | {
      readonly completed?: Duration | undefined;
      /** Timed-out ones too. */
      readonly failed?: Duration | undefined;
      /** Terminated ones too. */
      readonly cancelled?: Duration | undefined;
    };

/** How long what ended so is kept, by status; without one for good. */
export type Retention = ReadonlyMap<Status, Millis>;

const ENDS = ['completed', 'failed', 'cancelled'] as const;
const STATUSES_OF: Readonly<Record<(typeof ENDS)[number], readonly Status[]>> = {
  completed: ['completed'],
  failed: ['failed', 'timed-out'],
  cancelled: ['cancelled', 'terminated'],
};

/** VALIDATION for what is no such option. `what` names the option and whose it is. */
export function parseRetention(value: unknown, what: string): Retention {
  const isByEnd = typeof value === 'object' && value !== null;
  const given = isByEnd ? readOptions(value, what, ENDS) : { completed: value, failed: value, cancelled: value };
  const retention = new Map<Status, Millis>();
  for (const end of ENDS) {
    if (given[end] === undefined) continue;
    const ms = parseDuration(given[end], isByEnd ? `${end} of ${what}` : what);
    if (ms < BOUNDS.idempotencyMs)
      throw validation(`${what} must be at least one day: so long idempotency keys are answered.`);
    for (const status of STATUSES_OF[end]) retention.set(status, ms);
  }
  return retention;
}
