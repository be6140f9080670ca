import { DfnsError, type DfnsErrorOptions } from './dfns-error.ts';

/** The scope or execution that waited was cancelled; `details.reason` says why where a reason was given. */
export class CancelledError extends DfnsError {
  constructor(message: string, options: DfnsErrorOptions = {}) {
    super('CANCELLED', message, options);
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'CancelledError', writable: true, configurable: true });
  }
}
