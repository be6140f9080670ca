import type { TimerPending } from '../state/pending.ts';
import type { Scope } from '../state/scope.ts';
import type { Millis } from '../time/duration.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';

/** A durable timer. It is due at a moment of the node's clock, so that one fast clock delays nothing later. */
export function sleepUntil(issuer: Issuer, scope: Scope, due: Millis): CommandPromise<void> {
  issuer.assertRunning();
  const command = issuer.issue({ kind: 'timer', due }, scope);
  const promise = issuer.promise<void>();
  const { state } = issuer;
  const timer: TimerPending = {
    kind: 'timer',
    n: state.issued,
    scope,
    settler: promise,
    alarm: null,
    due: command.due,
  };
  promise.command = timer.n;
  state.add(timer);
  state.effects?.push({ kind: 'arm', pending: timer, due: timer.due });
  return promise;
}
