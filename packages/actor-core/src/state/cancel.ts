import { CancelledError } from '../errors/cancelled-error.ts';
import type { Pending } from './pending.ts';
import { isWithin, type Cancellation, type Scope } from './scope.ts';
import type { RunState } from './state.ts';

export function cancelledError(why: Cancellation): CancelledError {
  const what = why.kind === 'timeout' ? 'The time ran out' : 'Cancelled';
  return new CancelledError(why.reason === null ? `${what}.` : `${what}: ${why.reason}`, {
    details: { reason: why.reason, kind: why.kind },
  });
}

/** Cancels a scope: each open command in it rejects, in command order; later calls in it throw. */
export function cancelScope(state: RunState, scope: Scope, why: Cancellation): void {
  if (scope.cancelled) return;
  scope.cancelled = why;
  for (const viewed of state.viewed ?? []) if (isWithin(viewed, scope)) viewed.view?.abort(cancelledError(why));
  for (const pending of [...state.pending.values()]) {
    if (isWithin(pending.scope, scope)) cancelPending(state, pending, why);
  }
}

/** Gives one command up: its promise rejects, its timer or body goes. */
export function cancelPending(state: RunState, pending: Pending, why: Cancellation): void {
  if (!state.pending.has(pending.n)) return;
  drop(state, pending, why);
  pending.settler.reject(cancelledError(why));
}

/** Removes a command without settling it. */
export function drop(state: RunState, pending: Pending, why: Cancellation): void {
  state.remove(pending);
  if (pending.kind === 'task') state.effects?.push({ kind: 'abort-task', command: pending.n, why });
}
