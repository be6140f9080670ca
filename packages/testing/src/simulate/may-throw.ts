import { CancelledError, DfnsError, isFailure, TaskError, TimeoutError } from '@dfnsjs/actor-core';
import type { Op } from './program.ts';
import { declining } from './tasks.ts';

/** There is no such execution, or none any more. */
export function isNobody(error: unknown): boolean {
  return error instanceof DfnsError && (error.code === 'NOT_FOUND' || error.code === 'CLOSED');
}

/** What an op may come to but its result and cancellation. */
export function mayThrow(op: Op, error: unknown): boolean {
  switch (op.op) {
    case 'once':
      // Its only attempt was lost with its node.
      return error instanceof TaskError && error.code === 'UNAVAILABLE';
    case 'typed':
      return isFailure(error, declining, 'Declined') && error.failure.data.n === op.n;
    case 'hang':
      return error instanceof TaskError;
    case 'wait':
    case 'scope':
      return error instanceof TimeoutError;
    case 'send':
      return isNobody(error);
    case 'any':
      return error instanceof AggregateError && error.errors.every(each => each instanceof CancelledError);
    default:
      return false;
  }
}
