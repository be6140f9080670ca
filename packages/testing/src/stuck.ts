import { DfnsError } from '@dfnsjs/actor-core';
import type { Waiting } from '@dfnsjs/actor-core/records';
import type { ExecutionAddress, ExecutionDescription, Operations } from '@dfnsjs/client';

/** Executions that a message names beside the one that is waited for. */
const NAMED = 5;

/**
 * The error of a wait that nothing in the cluster can end any more: it says what the execution that is waited for, and
 * others, wait on.
 */
export async function stuck(operations: Operations, awaited: ExecutionAddress | undefined): Promise<DfnsError> {
  const { items } = await operations.list({
    namespace: awaited?.namespace ?? 'default',
    status: ['running'],
    order: 'oldest',
    limit: NAMED + 1,
  });
  const others = items.filter(({ id }) => id !== awaited?.id).slice(0, NAMED);
  const described = await Promise.all(
    [...(awaited ? [awaited.id] : []), ...others.map(({ id }) => id)].map(id =>
      operations.describe({ namespace: awaited?.namespace ?? 'default', id }),
    ),
  );
  const sentences = described.map(saysWhatItWaitsOn);
  const [first, rest] = awaited ? [sentences[0]!, sentences.slice(1)] : [undefined, sentences];
  return new DfnsError(
    'STUCK',
    'This wait cannot end: nothing in the test cluster can go on by itself. ' +
      (first ? `${first} ` : '') +
      (rest.length > 0 ? `Open besides: ${rest.join(' ')} ` : '') +
      'Do what it waits for before you await it; if something outside the cluster does, raise `patience`.',
    { details: { waiting: described.map(({ id, waiting }) => ({ id, waiting })) } },
  );
}

function saysWhatItWaitsOn({ id, workflow, status, held, waiting }: ExecutionDescription): string {
  const what = `"${id}" (${workflow})`;
  if (status !== 'running') return `${what} is ${status}.`;
  if (held) return `${what} is held: ${held.code}, ${held.message}`;
  if (waiting.length === 0) {
    return `${what} waits for nothing of ctx: it awaits a promise of another making, or one that never settles.`;
  }
  return `${what} waits for ${waiting.map(each => named(each as Waiting)).join(', ')}.`;
}

function named({ kind, name, id }: Waiting): string {
  switch (kind) {
    case 'condition':
      return 'a condition that does not hold';
    case 'execution':
      return `execution "${id}"`;
    case 'task':
    case 'signal':
    case 'timer':
    case 'update':
      return name === undefined ? `a ${kind}` : `${kind} "${name}"`;
  }
}
