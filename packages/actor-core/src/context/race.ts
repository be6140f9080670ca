import { validation } from '../errors/dfns-error.ts';
import { cancelScope } from '../state/cancel.ts';
import { openScope, type Scope } from '../state/scope.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';
import { call } from './scope.ts';

/** First to settle wins; the others are cancelled: their timers go and they take no signal. */
export function race(
  issuer: Issuer,
  outer: Scope,
  contestants: ReadonlyMap<string, (scope: Scope) => unknown>,
): CommandPromise<{ key: string; value: unknown }> {
  issuer.assertRunning();
  if (contestants.size === 0) throw validation('ctx.race needs at least one contestant: an empty race never ends.');
  const promise = issuer.promise<{ key: string; value: unknown }>();
  const scopes = new Map<string, Scope>();
  let over = false;
  const finish = (key: string, settle: () => void) => {
    if (over) return;
    over = true;
    settle();
    for (const [other, scope] of scopes) {
      if (other !== key) cancelScope(issuer.state, scope, { kind: 'race', reason: `"${key}" won the race.` });
    }
  };
  for (const [key, contestant] of contestants) {
    const scope = openScope(outer);
    scopes.set(key, scope);
    call(contestant, scope).then(
      value => finish(key, () => promise.resolve({ key, value })),
      error => finish(key, () => promise.reject(error)),
    );
  }
  return promise.onCancel(reason => {
    issuer.assertRunning();
    for (const scope of scopes.values()) cancelScope(issuer.state, scope, { kind: 'cancel', reason: reason ?? null });
  });
}
