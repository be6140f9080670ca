import { DfnsError, type DfnsErrorOptions } from './dfns-error.ts';

/** A wait, task or execution took longer than its timeout. */
export class TimeoutError extends DfnsError {
  constructor(message: string, options: DfnsErrorOptions = {}) {
    super('TIMEOUT', message, options);
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TimeoutError', writable: true, configurable: true });
  }
}
