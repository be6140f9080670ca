import { DfnsError } from '../errors/dfns-error.ts';
import { changeOf } from '../ports/changes.ts';
import { notFound, storeSilent } from './answers.ts';
import { withEnded } from './ended.ts';
import type { EngineParts } from './parts.ts';

/** Deletes an execution that has ended, all its runs. ALREADY_RUNNING where it has not. */
export async function removeExecution(parts: EngineParts, namespace: string, id: string): Promise<void> {
  const { store } = parts.options;
  const isOpen = () =>
    new DfnsError('ALREADY_RUNNING', `The execution "${id}" is running. Terminate it, then delete it.`, {
      details: { id },
    });
  await withEnded(parts, namespace, id, isOpen, async () => {
    const run = await store.current(namespace, id);
    if (!run) throw notFound(namespace, id);
    const removal = await store.remove(namespace, id, run.first).catch((error: unknown) => {
      // It may be gone, and nobody would say so.
      parts.changes?.missed();
      throw storeSilent(error);
    });
    if (removal === 'open') throw isOpen();
    if (removal === 'absent') throw notFound(namespace, id);
    const { status, turns: turn } = run;
    parts.changes?.changed(changeOf(run, { kind: 'deleted', status, turn, at: parts.options.clock.now() }));
    return { goesOn: false, value: undefined };
  });
}
