import type { ErrorCode } from './codes.ts';
import { DfnsError, type DfnsErrorOptions } from './dfns-error.ts';
import type { FailureRecord } from './failure-record.ts';

/** Which task failed, and how. */
export interface TaskErrorOptions extends DfnsErrorOptions {
  readonly task: string;
  readonly attempt: number;
  readonly code?: ErrorCode;
  /** Of the original, where it is a failure that its task declares. */
  readonly failure?: FailureRecord | undefined;
}

/**
 * A task failed for good. The message is the original's; `cause` is the original error; `task` and `attempt` say
 * which attempt ended it. The code is TIMEOUT when time ran out, else the original's own dfns code, else INTERNAL.
 * `failure` is there if the task threw one that it declares: `isFailure` narrows it.
 */
export class TaskError extends DfnsError {
  readonly task: string;
  readonly attempt: number;
  declare readonly failure?: FailureRecord;

  constructor(message: string, options: TaskErrorOptions) {
    super(options.code ?? 'INTERNAL', message, options);
    this.task = options.task;
    this.attempt = options.attempt;
    if (options.failure !== undefined) this.failure = options.failure;
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TaskError', writable: true, configurable: true });
  }
}
