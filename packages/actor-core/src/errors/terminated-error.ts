import { DfnsError, type DfnsErrorOptions } from './dfns-error.ts';

/** The execution was terminated. */
export class TerminatedError extends DfnsError {
  constructor(message: string, options: DfnsErrorOptions = {}) {
    super('TERMINATED', message, options);
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TerminatedError', writable: true, configurable: true });
  }
}
