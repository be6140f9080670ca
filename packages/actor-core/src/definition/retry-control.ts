import { DfnsError, type DfnsErrorOptions } from '../errors/dfns-error.ts';
import { readOptions } from '../options/known-options.ts';
import { type Duration, parseDuration } from '../time/duration.ts';

/** Thrown by a task: it fails at once, whatever attempts are left. */
export class NonRetryableError extends DfnsError {
  constructor(message: string, options: DfnsErrorOptions = {}) {
    super('INTERNAL', message, options);
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'NonRetryableError', writable: true, configurable: true });
  }
}

/** What a `RetryAfterError` may say beside its delay. */
export interface RetryAfterOptions extends DfnsErrorOptions {
  readonly message?: string | undefined;
}

/**
 * Thrown by a task: tried again after `delay` instead of its usual wait, without using up an attempt. For what says
 * itself when to come back, such as HTTP 429 with Retry-After.
 */
export class RetryAfterError extends DfnsError {
  readonly delayMs: number;

  constructor(delay: Duration, options: RetryAfterOptions = {}) {
    readOptions(options, 'RetryAfterError', ['message', 'cause', 'details']);
    const delayMs = parseDuration(delay, 'The delay of RetryAfterError');
    super('INTERNAL', options.message ?? `Try again in ${delayMs} ms.`, options);
    this.delayMs = delayMs;
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'RetryAfterError', writable: true, configurable: true });
  }
}
