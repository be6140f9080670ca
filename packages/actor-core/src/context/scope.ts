import { TimeoutError } from '../errors/timeout-error.ts';
import { cancelPending, cancelScope } from '../state/cancel.ts';
import { openScope, type Scope } from '../state/scope.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';
import { sleepUntil } from './sleep.ts';

/**
 * Runs a part that can be cancelled by itself. Where its timeout passes it is cancelled, and when it has ended the
 * call throws TimeoutError; the outer part is untouched.
 */
export function runScope<T>(
  issuer: Issuer,
  outer: Scope,
  part: (scope: Scope) => T | PromiseLike<T>,
  timeoutMs: number | undefined,
): CommandPromise<T> {
  issuer.assertRunning();
  const scope = openScope(outer);
  const promise = issuer.promise<T>();
  let timedOut = false;
  let timer: CommandPromise<void> | null = null;
  if (timeoutMs !== undefined) {
    timer = sleepUntil(issuer, outer, issuer.clockNow() + timeoutMs);
    timer.then(
      () => {
        timedOut = true;
        cancelScope(issuer.state, scope, { kind: 'timeout', reason: 'The scope timed out.' });
      },
      () => undefined,
    );
  }
  const stopTimer = () => {
    const pending = timer && issuer.state.pending.get(timer.command);
    if (pending) cancelPending(issuer.state, pending, { kind: 'close', reason: null });
  };
  call(part, scope).then(
    value => {
      stopTimer();
      if (timedOut) promise.reject(new TimeoutError('The scope timed out.'));
      else promise.resolve(value);
    },
    error => {
      stopTimer();
      promise.reject(timedOut ? new TimeoutError('The scope timed out.', { cause: error }) : error);
    },
  );
  return promise.onCancel(reason => {
    issuer.assertRunning();
    cancelScope(issuer.state, scope, { kind: 'cancel', reason: reason ?? null });
  });
}

/** Runs a part that cancellation from outside does not reach. */
export function runShielded<T>(
  issuer: Issuer,
  outer: Scope,
  part: (scope: Scope) => T | PromiseLike<T>,
): CommandPromise<T> {
  issuer.assertRunning();
  const scope = openScope(outer, true);
  const promise = issuer.promise<T>();
  call(part, scope).then(
    value => promise.resolve(value),
    error => promise.reject(error),
  );
  return promise.onCancel(reason => {
    issuer.assertRunning();
    cancelScope(issuer.state, scope, { kind: 'cancel', reason: reason ?? null });
  });
}

/** Calls user code so that a thrown error becomes a rejection. */
export async function call<T>(part: (scope: Scope) => T | PromiseLike<T>, scope: Scope): Promise<T> {
  return await part(scope);
}
