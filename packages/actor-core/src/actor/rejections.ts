import { CancelledError } from '../errors/cancelled-error.ts';
import type { CommandPromise } from '../context/command-promise.ts';
import type { Thrown } from '../context/issuer.ts';

/** Rejections of a run's code that nobody has handled so far. */
export class Rejections {
  readonly unobserved = new Set<CommandPromise<unknown>>();
  /** Of promises that are not from ctx, with their reasons. */
  readonly foreign = new Map<Promise<unknown>, unknown>();

  /** With the number of the command that was rejected, 0 where it is none; null: a promise that is not from ctx. */
  first(): (Thrown & { readonly command: number | null }) | null {
    for (const promise of this.unobserved) {
      // Whoever cancels a part knows: a loser of a race leaves nothing to handle.
      if (promise.reason instanceof CancelledError) continue;
      return { error: promise.reason, command: promise.command };
    }
    for (const reason of this.foreign.values()) return { error: reason, command: null };
    return null;
  }
}
