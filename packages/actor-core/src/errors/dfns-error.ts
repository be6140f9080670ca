import type { ErrorCode } from './codes.ts';

/** What an error may carry beside its code and message. */
export interface DfnsErrorOptions {
  cause?: unknown;
  details?: Readonly<Record<string, unknown>>;
}

/** The base of all errors of dfns: a stable `code`, a message that says what to do, and `details`. */
export class DfnsError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: DfnsErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details;
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'DfnsError', writable: true, configurable: true });
  }
}

export function validation(message: string, details?: Readonly<Record<string, unknown>>): DfnsError {
  return new DfnsError('VALIDATION', message, details ? { details } : {});
}

/** Of an idempotency key. */
export function keyUsed(): DfnsError {
  return new DfnsError('ALREADY_EXISTS', 'The idempotency key was used for another call. Use a new key.');
}
