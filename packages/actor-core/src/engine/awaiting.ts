import { DfnsError } from '../errors/dfns-error.ts';
import { isOpen } from '../execution/status.ts';
import { addressKey } from '../ids/address.ts';
import { notFound, stopping } from './answers.ts';
import type { Closed } from './callers.ts';
import type { EngineParts } from './parts.ts';
import { readOrStarted } from './residents.ts';

/** Resolves when the execution has ended: from memory when it does, from the store if it has. */
export function awaitResult(
  parts: EngineParts,
  namespace: string,
  id: string,
  abort: AbortSignal | undefined,
): Promise<Closed> {
  const { callers, options } = parts;
  return new Promise<Closed>((resolve, reject) => {
    const resident = parts.residents.at(namespace, id);
    const key = resident?.key ?? addressKey(namespace, id);
    const aborted = () => fail(abort?.reason);
    const forget = callers.awaitEnd(key, end => {
      abort?.removeEventListener('abort', aborted);
      if (end instanceof Error) reject(end);
      else resolve(end);
    });
    const fail = (error: unknown) => {
      forget();
      abort?.removeEventListener('abort', aborted);
      reject(error);
    };
    if (parts.stopping) return fail(stopping());
    if (abort?.aborted) return fail(abort.reason);
    abort?.addEventListener('abort', aborted, { once: true });
    if (resident?.held || (resident?.actor && !resident.loading && !resident.actor.state.ending)) return;
    // A start under way comes to be, or gives way to what has the id already.
    const settled = resident?.loading ? readOrStarted(resident) : Promise.resolve();
    settled
      .then(() => options.store.current(namespace, id))
      .then(
        run => {
          if (!run) {
            if (!parts.residents.at(namespace, id)) fail(notFound(namespace, id));
          } else if (!isOpen(run.status) && run.status !== 'continued-as-new') {
            forget();
            abort?.removeEventListener('abort', aborted);
            resolve({ status: run.status as Closed['status'], output: run.output, runId: run.runId });
          }
        },
        (error: unknown) => fail(new DfnsError('UNAVAILABLE', 'The store did not answer.', { cause: error })),
      );
  });
}
