import { type ParsedRetry, type RetryOptions, DEFAULT_RETRY, parseRetry } from './retry.ts';
import { type TaskTimeouts, parseTimeout } from './timeouts.ts';

/** What a task, a step and a single call of either may say about retries and time. */
export interface TaskPolicyOptions extends TaskTimeouts {
  readonly retry?: RetryOptions | undefined;
}

export interface TaskPolicy {
  readonly retry: ParsedRetry;
  readonly timeoutMs: number | undefined;
  readonly totalTimeoutMs: number | undefined;
  readonly heartbeatTimeoutMs: number | undefined;
}

export const TASK_POLICY_NAMES = ['retry', 'timeout', 'totalTimeout', 'heartbeatTimeout'] as const;

/** No time limit, retried for ever. */
export const DEFAULT_TASK_POLICY: TaskPolicy = Object.freeze({
  retry: DEFAULT_RETRY,
  timeoutMs: undefined,
  totalTimeoutMs: undefined,
  heartbeatTimeoutMs: undefined,
});

/** What `given` does not say is as in `base`. */
export function parseTaskPolicy(
  given: { readonly [K in (typeof TASK_POLICY_NAMES)[number]]?: unknown },
  what: string,
  base: TaskPolicy = DEFAULT_TASK_POLICY,
): TaskPolicy {
  return Object.freeze({
    retry: given.retry === undefined ? base.retry : parseRetry(given.retry, `retry of ${what}`, base.retry),
    timeoutMs: parseTimeout(given.timeout, `timeout of ${what}`) ?? base.timeoutMs,
    totalTimeoutMs: parseTimeout(given.totalTimeout, `totalTimeout of ${what}`) ?? base.totalTimeoutMs,
    heartbeatTimeoutMs: parseTimeout(given.heartbeatTimeout, `heartbeatTimeout of ${what}`) ?? base.heartbeatTimeoutMs,
  });
}
