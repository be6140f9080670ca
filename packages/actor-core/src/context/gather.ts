import { cancelScope } from '../state/cancel.ts';
import { openScope, type Scope } from '../state/scope.ts';
import { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';
import { call } from './scope.ts';

export type Gathered = PromiseLike<unknown> | ((scope: Scope) => unknown);

/**
 * All results, by key. The first failure cancels what has not settled yet; with `settle` all are waited for and the
 * results are those of Promise.allSettled.
 */
export function gather(
  issuer: Issuer,
  outer: Scope,
  parts: ReadonlyMap<string, Gathered>,
  settle: boolean,
  shape: (results: ReadonlyMap<string, unknown>) => unknown,
): CommandPromise<unknown> {
  issuer.assertRunning();
  const scope = openScope(outer);
  const promise = issuer.promise<unknown>();
  const results = new Map<string, unknown>();
  for (const key of parts.keys()) results.set(key, undefined);
  let open = parts.size;
  let failed = false;
  const cancelAll = (kind: 'cancel' | 'race', reason: string | null) => {
    cancelScope(issuer.state, scope, { kind, reason });
    for (const part of parts.values()) if (part instanceof CommandPromise) part.cancel(reason ?? undefined);
  };
  const done = (key: string, value: unknown) => {
    results.set(key, value);
    open--;
    if (open === 0 && !failed) promise.resolve(shape(results));
  };
  for (const [key, part] of parts) {
    const running = typeof part === 'function' ? call(part, scope) : part;
    running.then(
      value => done(key, settle ? { status: 'fulfilled', value } : value),
      (error: unknown) => {
        if (settle) return done(key, { status: 'rejected', reason: error });
        if (failed) return;
        failed = true;
        promise.reject(error);
        cancelAll('race', 'Another part failed.');
      },
    );
  }
  if (open === 0) promise.resolve(shape(results));
  return promise.onCancel(reason => {
    issuer.assertRunning();
    cancelAll('cancel', reason ?? null);
  });
}
