import { validation } from '../errors/dfns-error.ts';
import type { WaitPending } from '../state/pending.ts';
import type { Scope } from '../state/scope.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';
import type { WaitLimit } from './wait-limit.ts';

/** The next signal of these names: one that is there already, else the next to come. */
export function waitForSignal(
  issuer: Issuer,
  scope: Scope,
  names: readonly string[],
  several: boolean,
  limit: WaitLimit,
): CommandPromise<unknown> {
  issuer.assertRunning();
  for (const name of names) {
    if (issuer.handlers.signals.has(name)) {
      throw validation(`Signal "${name}" has a handler (ctx.on): it cannot be waited for as well.`);
    }
  }
  const { state } = issuer;
  const due = limit.timeoutMs === undefined ? null : issuer.clockNow() + limit.timeoutMs;
  const command = issuer.issue({ kind: 'wait', names, due }, scope);
  const promise = issuer.promise<unknown>();
  const wait: WaitPending = {
    kind: 'wait',
    n: state.issued,
    scope,
    settler: promise,
    alarm: null,
    names,
    several,
    due: command.due,
    otherwise: limit.otherwise,
  };
  promise.command = wait.n;
  state.add(wait);
  // One that is there already is taken when this drain is over: by then a race that is decided has called off its losers.
  if (state.unreadSignals > 0) issuer.checkWaits();
  if (wait.due !== null) state.effects?.push({ kind: 'arm', pending: wait, due: wait.due });
  return promise;
}

/** All signals of a name, one after the other; the same queue as `waitForSignal`. Leaving the loop leaves the rest. */
export async function* signalsOf(issuer: Issuer, scope: Scope, name: string): AsyncGenerator<unknown, void, void> {
  for (;;) yield await waitForSignal(issuer, scope, [name], false, { timeoutMs: undefined, otherwise: null });
}
