import type { Reply } from '../actor/mailbox.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { addressKey } from '../ids/address.ts';
import type { MessageId } from '../ids/ids.ts';
import { sameMessage } from '../ids/message-key.ts';
import { decodeError } from '../payload/error-payload.ts';
import type { Payload } from '../payload/payload.ts';
import type { KnownUpdate } from '../state/dedupe.ts';
import { closed, notFound, unavailable } from './answers.ts';
import { takenBy } from './closed.ts';
import type { EngineParts } from './parts.ts';
import { settledResident } from './settled-resident.ts';

/** An update on its way: whom to tell of it, and what becomes of it. */
export interface UpdateCall {
  readonly reply: Reply;
  /** What the handler returned; rejects where the update is refused, or the handler threw. */
  readonly outcome: Promise<Payload>;
}

/** Registers who awaits an update, before it is delivered. */
export function awaitUpdate(parts: EngineParts, namespace: string, id: string, messageId: MessageId): UpdateCall {
  const outcome = new Promise<KnownUpdate | Error>(resolve =>
    parts.callers.awaitUpdate(addressKey(namespace, id), messageId, resolve),
  );
  const reply = {
    accepted: () => {
      const known = parts.residents.at(namespace, id)?.actor?.state.dedupe.get(messageId)?.outcome;
      if (known) parts.callers.answered(messageId, known);
    },
    refused: (error: Error) => parts.callers.answered(messageId, error),
  };
  return { reply, outcome: outcome.then(answerOf) };
}

/**
 * What became of an update that was accepted, from memory, or from the history of an execution that has ended. Waits
 * for it while its handler runs. NOT_FOUND where the execution took no such update, or does not remember it any more.
 */
export async function updateOutcome(
  parts: EngineParts,
  namespace: string,
  id: string,
  messageId: MessageId,
  abort: AbortSignal | undefined,
): Promise<Payload> {
  const { options } = parts;
  const actor = (await settledResident(parts, namespace, id))?.actor;
  if (actor && !actor.dropped) {
    const known = actor.state.dedupe.get(messageId);
    if (known?.outcome) return answerOf(known.outcome);
    if (!actor.state.updates.has(messageId)) throw unknownUpdate(id, messageId);
    return answerOf(await nextAnswer(parts, namespace, id, messageId, abort));
  }
  // Ended or held: its history knows.
  const run = await options.store.current(namespace, id);
  if (!run) throw notFound(namespace, id);
  const [loaded] = await options.store.load([run.eid]);
  if (!loaded) throw unavailable();
  const taken = takenBy(loaded).get(sameMessage(messageId));
  if (taken?.outcome) return answerOf(taken.outcome);
  if (!taken?.isUpdate) throw unknownUpdate(id, messageId);
  if (loaded.run.status !== 'running') throw closed(id);
  // Memory may know more by now; one that is held answers when it goes on.
  if (parts.residents.at(namespace, id)?.actor) return updateOutcome(parts, namespace, id, messageId, abort);
  return answerOf(await nextAnswer(parts, namespace, id, messageId, abort));
}

function nextAnswer(
  parts: EngineParts,
  namespace: string,
  id: string,
  messageId: MessageId,
  abort: AbortSignal | undefined,
): Promise<KnownUpdate | Error> {
  return new Promise((resolve, reject) => {
    if (abort?.aborted) return reject(abort.reason);
    const forget = parts.callers.awaitUpdate(addressKey(namespace, id), messageId, outcome => {
      abort?.removeEventListener('abort', aborted);
      resolve(outcome);
    });
    const aborted = () => {
      forget();
      reject(abort?.reason);
    };
    abort?.addEventListener('abort', aborted, { once: true });
  });
}

function answerOf(known: KnownUpdate | Error): Payload {
  if (known instanceof Error) throw known;
  if (known.ok) return known.payload;
  const error = decodeError(known.payload);
  if (error instanceof DfnsError && error.code === 'CLOSED') throw error;
  throw new DfnsError('UPDATE_FAILED', error.message, { cause: error });
}

function unknownUpdate(id: string, messageId: MessageId): DfnsError {
  return new DfnsError(
    'NOT_FOUND',
    `The execution "${id}" knows of no update with id "${messageId}": it was never accepted, or is forgotten by now ` +
      '(ids are kept for 24 h).',
    { details: { id, updateId: messageId } },
  );
}
