import type { ErrorCode } from './codes.ts';
import { DfnsError, type DfnsErrorOptions } from './dfns-error.ts';

/**
 * A task failed for good. The message is the original's; `cause` is the original error; `task` and `attempt` say
 * which attempt ended it. The code is TIMEOUT when time ran out, else the original's own dfns code, else INTERNAL.
 */
export class TaskError extends DfnsError {
  readonly task: string;
  readonly attempt: number;

  constructor(message: string, options: DfnsErrorOptions & { task: string; attempt: number; code?: ErrorCode }) {
    super(options.code ?? 'INTERNAL', message, options);
    this.task = options.task;
    this.attempt = options.attempt;
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TaskError', writable: true, configurable: true });
  }
}
