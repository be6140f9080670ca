import type { Logger } from './logger.ts';
import type { NoFailures, TypedFailure } from './typed-failure.ts';

/**
 * What the host hands to its tasks: the `deps` of `startNode`. Name them once to have them typed:
 *
 * ```ts
 * declare module 'dfns' { interface Deps { mailer: Mailer } }
 * ```
 */
export interface Deps {
  readonly [name: string]: unknown;
}

/** What a task or step gets beside its input. `FailureInputs` is the data its `fail` takes, by code. */
export interface TaskContext<FailureInputs = NoFailures> {
  /** Aborted by cancellation, a timeout, shutdown or lost ownership; its reason tells which. */
  readonly abortSignal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
  readonly executionId: string;
  readonly runId: string;
  /** The same for every attempt of this call: give it to what you call, so that it acts once. */
  readonly idempotencyKey: string;
  /** Of the execution. */
  readonly headers: Readonly<Record<string, string>>;
  readonly deps: Deps;
  /** What an earlier attempt last gave to `heartbeat`. */
  readonly lastProgress: unknown;
  readonly log: Logger;
  /** Says that the attempt is alive, and how far it is. */
  heartbeat(progress?: unknown): void;
  /** A failure that the task declares in `errors`: `throw t.fail('CardDeclined', { reason })`. */
  fail<Code extends keyof FailureInputs & string>(code: Code, data: FailureInputs[Code]): TypedFailure;
}
