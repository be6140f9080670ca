import type { ConditionPending } from '../state/pending.ts';
import type { Scope } from '../state/scope.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';
import type { WaitLimit } from './wait-limit.ts';

/** Waits for the workflow's own state. Predicates are looked at after each message, in order of registration. */
export function condition(
  issuer: Issuer,
  scope: Scope,
  predicate: () => boolean,
  limit: WaitLimit,
): CommandPromise<unknown> {
  issuer.assertRunning();
  const due = limit.timeoutMs === undefined ? null : issuer.clockNow() + limit.timeoutMs;
  const command = issuer.issue({ kind: 'condition', due }, scope);
  const promise = issuer.promise<unknown>();
  const { state } = issuer;
  const pending: ConditionPending = {
    kind: 'condition',
    n: state.issued,
    scope,
    settler: promise,
    alarm: null,
    due: command.due,
    otherwise: limit.otherwise,
    predicate,
  };
  promise.command = pending.n;
  state.add(pending);
  if (pending.due !== null) state.effects?.push({ kind: 'arm', pending, due: pending.due });
  issuer.checkWaits();
  return promise;
}
