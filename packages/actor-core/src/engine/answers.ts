import { DfnsError } from '../errors/dfns-error.ts';
import { OutcomeUnknownError, StoreRefusedError } from '../ports/store/commit.ts';

/**
 * UNAVAILABLE: this node does not serve the execution, or does not any more. Whoever asked for its owner looks for it
 * again; the call may have been carried out all the same, so it is repeated under the ids that it had.
 */
export class NotServedError extends DfnsError {
  constructor(message: string) {
    super('UNAVAILABLE', message);
  }
}

/** Errors that the engine answers with when it is not the execution's doing. */
export function unavailable(): NotServedError {
  return new NotServedError('This node does not serve the execution right now. Try again; nothing is lost.');
}

export function stopping(): NotServedError {
  return new NotServedError('This node is stopping. Try again at another; nothing is lost.');
}

export function notFound(namespace: string, id: string): DfnsError {
  return new DfnsError('NOT_FOUND', `There is no execution "${id}" in namespace "${namespace}".`, {
    details: { namespace, id },
  });
}

export function closed(id: string): DfnsError {
  return new DfnsError('CLOSED', `The execution "${id}" has ended.`, { details: { id } });
}

/** What a caller is told where the store failed it; other errors are the caller's as they are. */
export function storeSilent(error: unknown): unknown {
  if (!(error instanceof StoreRefusedError) && !(error instanceof OutcomeUnknownError)) return error;
  return new DfnsError('UNAVAILABLE', 'The store did not answer. Try again; nothing is lost.', { cause: error });
}

export function queryFailed(name: string, error: unknown): DfnsError {
  if (error instanceof DfnsError) return error;
  return new DfnsError('INTERNAL', `Query "${name}" threw: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
