import { compose } from '@dfnsjs/actor-core';
import type { StartBatchRequest } from '../operations/batch.ts';
import type { Operations, WaitOptions } from '../operations/operations.ts';
import { SHAPES, type ClientCall, type ClientMiddleware } from './call.ts';
import { startEach } from './start-each.ts';
import { surround, type Request } from './surround.ts';

type Operation = (request: never, options?: WaitOptions) => Promise<unknown>;

/** The operations with middleware around calls; they themselves where there is none. */
export function withMiddleware(operations: Operations, layers: readonly ClientMiddleware[]): Operations {
  const around = compose(layers);
  if (!around) return operations;
  const surrounded = new Map<string, Operation>();
  for (const operation of Object.keys(SHAPES) as ClientCall['operation'][]) {
    const run = (operations[operation] as Operation).bind(operations);
    surrounded.set(operation, (request: Request, options) =>
      surround(around, operation, request, next => run(next as never, options)),
    );
  }
  surrounded.set('startBatch', (request: StartBatchRequest) =>
    startEach(around, request, each => operations.startBatch(each)),
  );
  return new Proxy(operations, {
    get(target, name: keyof Operations) {
      const given: unknown = target[name];
      return surrounded.get(name) ?? (typeof given === 'function' ? (given.bind(target) as unknown) : given);
    },
  });
}
