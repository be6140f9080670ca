import type { ParsedRetry } from '../options/retry.ts';
import type { Millis } from '../time/duration.ts';

export interface FailedAttempt {
  /** Attempts that counted, this one included if it does. */
  readonly counted: number;
  /** The error forbids another attempt. */
  readonly final: boolean;
  /** The error asks for this wait. */
  readonly afterMs: number | null;
  readonly deadline: Millis | null;
}

export type NextAttempt =
  | { readonly kind: 'retry'; readonly at: Millis }
  | { readonly kind: 'give-up'; readonly because: 'final' | 'attempts' | 'deadline' };

/**
 * When the next attempt begins. Exponential backoff: initial × factor^(n-1), at most max, times 1 ± jitter.
 *
 * @param chance uniform, 0 to below 1
 */
export function nextAttempt(retry: ParsedRetry, failed: FailedAttempt, now: Millis, chance: number): NextAttempt {
  if (failed.final) return { kind: 'give-up', because: 'final' };
  if (failed.counted >= retry.maxAttempts) return { kind: 'give-up', because: 'attempts' };
  // A power past the largest number is Infinity, and 0 times that is none.
  const grown = retry.initialMs === 0 ? 0 : retry.initialMs * retry.factor ** Math.max(0, failed.counted - 1);
  const backoff = Math.min(retry.maxMs, grown);
  const wait = failed.afterMs ?? backoff * (1 + retry.jitter * (2 * chance - 1));
  const at = now + Math.ceil(wait);
  if (failed.deadline !== null && at >= failed.deadline) return { kind: 'give-up', because: 'deadline' };
  return { kind: 'retry', at };
}
