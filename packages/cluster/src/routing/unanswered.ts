import { DfnsError } from '@dfnsjs/actor-core';

/** Nothing was done. */
export function nobody(id: string): DfnsError {
  return new DfnsError('UNAVAILABLE', `No node serves the execution "${id}" right now. Try again; nothing is lost.`);
}

/** Nothing was done, and another node may do it. */
export function unreached(id: string): DfnsError {
  return new DfnsError(
    'UNAVAILABLE',
    `This node reaches no other, and does not serve the execution "${id}" itself. Try again, at another node if you can; nothing is lost.`,
  );
}

export function unknownOutcome(id: string): DfnsError {
  return new DfnsError(
    'UNAVAILABLE',
    `The node that serves the execution "${id}" did not answer, and may have done what was asked. Look at it, then try again.`,
  );
}
