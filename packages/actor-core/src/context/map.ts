import { errorName } from '../errors/error-name.ts';
import { cancelledError, cancelScope } from '../state/cancel.ts';
import { cancellationOf, openScope, type Scope } from '../state/scope.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';

export interface MapPlan {
  readonly concurrency: number;
  readonly collect: boolean;
  readonly keep: boolean;
}

/**
 * Runs `each` over the items, at most `concurrency` at once. The first failure cancels the rest and rejects; with
 * `collect` all run: each settled as in Promise.allSettled, or, where results are not kept, the failures alone.
 */
export function mapItems(
  issuer: Issuer,
  outer: Scope,
  items: Iterable<unknown> | AsyncIterable<unknown>,
  each: (item: unknown, index: number, scope: Scope) => unknown,
  plan: MapPlan,
): CommandPromise<unknown[] | undefined> {
  issuer.assertRunning();
  const scope = openScope(outer);
  const promise = issuer.promise<unknown[] | undefined>();
  const results: unknown[] = [];
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let next = 0;
  let over = false;
  // One item is drawn at a time, so that items and indexes keep the order of the source.
  let drawing: Promise<unknown> = Promise.resolve();

  const draw = (): Promise<{ item: unknown; index: number } | null> => {
    const drawn = drawing.then(async () => {
      if (over) return null;
      const step = await source.next();
      if (step.done) {
        over = true;
        return null;
      }
      return { item: step.value, index: next++ };
    });
    drawing = drawn.catch(() => undefined);
    return drawn;
  };
  const worker = async (): Promise<void> => {
    for (let drawn = await draw(); drawn; drawn = await draw()) {
      const cancelled = cancellationOf(scope);
      if (cancelled) throw cancelledError(cancelled);
      const { item, index } = drawn;
      if (!plan.collect) {
        const value = await each(item, index, scope);
        if (plan.keep) results[index] = value;
        continue;
      }
      const settled = await settle(() => each(item, index, scope));
      if (plan.keep) results[index] = settled;
      else if (settled.status === 'rejected') results.push({ index, reason: settled.reason });
    }
  };
  const workers = Array.from({ length: plan.concurrency }, worker);
  Promise.all(workers).then(
    () => promise.resolve(plan.keep || plan.collect ? results : undefined),
    error => {
      over = true;
      promise.reject(error);
      cancelScope(issuer.state, scope, { kind: 'race', reason: 'Another item failed.' });
      Promise.resolve(source.return?.()).catch((failure: unknown) =>
        issuer.log.write('warn', 'closing the source of ctx.map failed', { error: errorName(failure) }),
      );
    },
  );
  return promise.onCancel(reason => {
    issuer.assertRunning();
    over = true;
    cancelScope(issuer.state, scope, { kind: 'cancel', reason: reason ?? null });
  });
}

async function settle(run: () => unknown): Promise<PromiseSettledResult<unknown>> {
  try {
    return { status: 'fulfilled', value: await run() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}
