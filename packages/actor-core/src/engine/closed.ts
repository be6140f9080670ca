import type { Delivery } from '../actor/mailbox.ts';
import type { KnownUpdate } from '../state/dedupe.ts';
import { keyUsed } from '../errors/dfns-error.ts';
import type { MessageId } from '../ids/ids.ts';
import { sameMessage } from '../ids/message-key.ts';
import { decodeCarry } from '../journal/carry.ts';
import { decodeTurn } from '../journal/record.ts';
import { joinRows } from '../journal/snapshot.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import { closed } from './answers.ts';
import { dropRowsOf } from './orphans.ts';
import type { EngineParts } from './parts.ts';

/**
 * Messages to an execution that has ended. One that it took before, sent again by a caller that did not hear of it, is
 * told what came of it; others are CLOSED.
 */
export function answerClosed(parts: EngineParts, loaded: LoadedRun, mail: readonly Delivery[]): void {
  let taken: Map<MessageId, TakenMessage> | null = null;
  for (const { message, reply } of mail) {
    if (!reply) continue;
    const id = 'id' in message ? message.id : null;
    const known = id === null ? undefined : (taken ??= takenBy(loaded)).get(sameMessage(id));
    if (id === null || known === undefined) reply.refused(closed(loaded.run.id));
    else if (known.id !== id) reply.refused(keyUsed());
    else if (message.kind !== 'update') reply.accepted();
    else if (known.outcome) {
      parts.callers.answered(id, known.outcome);
      reply.accepted();
    } else reply.refused(closed(loaded.run.id));
  }
  const { run, inbox } = loaded;
  const prevSeq = loaded.journal.at(-1)?.seq ?? loaded.snapshots.at(-1)?.to ?? 0;
  dropRowsOf(parts, { namespace: run.namespace, eid: run.eid, prevSeq }, inbox);
}

/** Whether the run, or what it goes on from, took the message: 'other' where it took one of the same key and another body. */
export function whetherTaken(loaded: LoadedRun, id: MessageId): 'taken' | 'other' | 'not' {
  const known = takenBy(loaded).get(sameMessage(id));
  if (known === undefined) return 'not';
  return known.id === id ? 'taken' : 'other';
}

interface TakenMessage {
  readonly id: MessageId;
  readonly isUpdate: boolean;
  /** Of an update that was answered. */
  readonly outcome: KnownUpdate | null;
}

/** The messages that the execution took, by what makes two messages one, each with what came of it. */
export function takenBy({ run, journal, snapshots }: LoadedRun): Map<MessageId, TakenMessage> {
  const taken = new Map<MessageId, TakenMessage>();
  const take = (id: MessageId, isUpdate: boolean, outcome: KnownUpdate | null) =>
    taken.set(sameMessage(id), { id, isUpdate, outcome });
  for (const [id, , ok, payload] of run.carry ? decodeCarry(run.carry).known : []) {
    const outcome = ok !== null && payload ? { ok, payload } : null;
    take(id, outcome !== null, outcome);
  }
  for (const row of joinRows(journal, snapshots)) {
    const { messages, commands } = decodeTurn(row.seq, row.turn);
    for (const message of messages) {
      if ('id' in message && message.id) take(message.id, message.kind === 'update', null);
    }
    for (const command of commands) {
      if (command.kind === 'answer') take(command.id, true, { ok: command.ok, payload: command.payload });
    }
  }
  return taken;
}
