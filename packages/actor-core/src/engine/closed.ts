import type { Delivery } from '../actor/mailbox.ts';
import type { KnownUpdate } from '../state/dedupe.ts';
import type { MessageId } from '../ids/ids.ts';
import { decodeTurn } from '../journal/record.ts';
import { joinRows } from '../journal/snapshot.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import { closed } from './answers.ts';
import type { EngineParts } from './parts.ts';

/** Messages to an execution that has ended: an update that was answered gets its outcome again, others CLOSED. */
export function answerClosed(parts: EngineParts, loaded: LoadedRun, mail: readonly Delivery[]): void {
  let outcomes: Map<MessageId, KnownUpdate> | null = null;
  for (const { message, reply } of mail) {
    if (message.kind === 'update') {
      outcomes ??= outcomesOf(loaded);
      const known = outcomes.get(message.id);
      if (known) {
        parts.callers.answered(message.id, known);
        continue;
      }
    }
    reply?.refused(closed(loaded.run.id));
  }
  const rows = loaded.inbox;
  const owned = parts.owned.get(loaded.run.shard);
  if (rows.length === 0 || !owned) return;
  // Nobody will take them.
  const { run } = loaded;
  const seq = loaded.journal.at(-1)?.seq ?? loaded.snapshots.at(-1)?.to ?? 0;
  parts.committer.write(
    { shard: run.shard, epoch: owned.epoch, eid: run.eid, prevSeq: seq, takes: rows },
    () => undefined,
  );
  parts.committer.flush();
}

function outcomesOf(loaded: LoadedRun): Map<MessageId, KnownUpdate> {
  const outcomes = new Map<MessageId, KnownUpdate>();
  for (const row of joinRows(loaded.journal, loaded.snapshots)) {
    for (const command of decodeTurn(row.seq, row.turn).commands) {
      if (command.kind === 'answer') outcomes.set(command.id, { ok: command.ok, payload: command.payload });
    }
  }
  return outcomes;
}
