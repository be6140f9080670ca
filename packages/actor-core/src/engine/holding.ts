import { acceptAll, refuseAll, type Actor } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Held, RunRow } from '../execution/execution.ts';
import { encodeTurn } from '../journal/record.ts';
import type { Message } from '../message/message.ts';
import type { CommitVerdict } from '../ports/store/commit.ts';
import type { Millis } from '../time/duration.ts';
import { encodeError } from '../payload/error-payload.ts';
import { TerminatedError } from '../errors/terminated-error.ts';
import { heldFor } from '../state/hold.ts';
import { unavailable } from './answers.ts';
import type { EngineParts } from './parts.ts';
import type { Resident } from './residents.ts';
import { acceptedRow } from './stamp.ts';
import { listColumns } from './turn-write.ts';

/** A run that cannot go on, as far as it is known. */
export interface Holding {
  readonly run: RunRow;
  readonly seq: number;
  /** Time of its last message. */
  readonly at: Millis;
  readonly held: Held;
  /** Its row is there. */
  readonly stored: boolean;
  /** What lists show. */
  readonly columns?: Partial<RunRow>;
  /** Whom to tell what became of the start that is held at once. */
  readonly settle?: ((verdict: CommitVerdict) => void) | undefined;
}

/** The turn in hand cannot stand: the actor goes, its execution is held and says why. */
export function holdActor(
  parts: EngineParts,
  resident: Resident,
  actor: Actor,
  settle: ((verdict: CommitVerdict) => void) | undefined,
): void {
  const fault = actor.coroutine.fault!;
  const { run, at } = actor.state;
  const stored = actor.wakeAt !== undefined;
  const { seq } = actor;
  resident.actor = null;
  parts.resting.gone(actor);
  const columns = listColumns(actor);
  resident.mail.push(...actor.abandon());
  const held = heldFor(fault, parts.options.build, parts.options.clock.now());
  hold(parts, resident, { run, seq, at, held, stored, columns, settle });
}

/** Writes that a run is held; what waits for it becomes rows. */
export function hold(parts: EngineParts, resident: Resident, holding: Holding): void {
  const { run, seq, at, held, stored, columns = {}, settle } = holding;
  const owned = parts.owned.get(run.shard);
  if (!owned) {
    settle?.({ kind: 'fenced' });
    return refuseAll(resident.mail.splice(0), unavailable());
  }
  resident.loading = true;
  parts.options.log.write('error', 'an execution is held', {
    namespace: run.namespace,
    executionId: run.id,
    workflow: run.workflow,
    code: held.code,
    reason: held.message,
  });
  const entry = { shard: run.shard, epoch: owned.epoch, eid: run.eid, prevSeq: seq };
  parts.committer.write(
    stored
      ? { ...entry, update: { ...columns, held, build: held.build } }
      : { ...entry, insert: { ...run, ...columns, held, wakeAt: 0 }, current: { expect: null } },
    verdict => {
      resident.loading = false;
      settle?.(verdict);
      if (verdict.kind === 'exists' || verdict.kind === 'duplicate') {
        parts.residents.remove(resident);
        refuseAll(resident.mail.splice(0), unavailable());
        for (const settled of resident.settled.splice(0)) settled();
        return;
      }
      if (verdict.kind !== 'done') {
        parts.lost(resident, verdict);
        return;
      }
      resident.held = { held, eid: run.eid, first: run.first, seq, at };
      parts.residents.put(resident);
      const mail = resident.mail.splice(0);
      for (const settled of resident.settled.splice(0)) settled();
      for (const delivery of mail) deliverHeld(parts, resident, delivery);
      parts.committer.flush();
    },
  );
  parts.committer.flush();
}

/** A message to a held execution: a client's becomes a row, what the node itself sent comes again later. */
export function deliverHeld(parts: EngineParts, resident: Resident, delivery: Delivery): void {
  const { message, inbox, reply } = delivery;
  const held = resident.held!;
  const owned = parts.owned.get(resident.shard);
  if (!owned) return refuseAll([delivery], unavailable());
  if (message.kind === 'start') return acceptAll([delivery]);
  if (inbox) return;
  if (message.kind === 'terminate') return terminateHeld(parts, resident, delivery);
  if (message.kind === 'update') {
    reply?.refused(
      new DfnsError(
        'UNAVAILABLE',
        `The execution is held (${held.held.code}): it takes no updates. ${held.held.message}`,
      ),
    );
    return;
  }
  if (message.kind !== 'signal' && message.kind !== 'cancel') return;
  parts.committer.write(
    {
      shard: owned.shard,
      epoch: owned.epoch,
      eid: held.eid,
      prevSeq: held.seq,
      accepts: [acceptedRow(owned, held.first, message, parts.options.clock.now())],
    },
    verdict => {
      if (verdict.kind === 'done') acceptAll([delivery]);
      else {
        refuseAll([delivery], unavailable());
        parts.lost(resident, verdict);
      }
    },
  );
  parts.committer.flush();
}

/** Terminating runs no code, so it needs none that works. */
function terminateHeld(parts: EngineParts, resident: Resident, delivery: Delivery): void {
  const held = resident.held!;
  const owned = parts.owned.get(resident.shard)!;
  const now = Math.max(held.at, parts.options.clock.now());
  const message = delivery.message as Extract<Message, { kind: 'terminate' }>;
  message.at = now;
  const error = new TerminatedError(message.reason ? `Terminated: ${message.reason}` : 'Terminated.', {
    details: { reason: message.reason },
  });
  const turn = {
    seq: held.seq + 1,
    messages: [message],
    commands: [{ kind: 'close', status: 'terminated' }] as const,
    traceparent: null,
  };
  const output = encodeError(error);
  parts.committer.write(
    {
      shard: owned.shard,
      epoch: owned.epoch,
      eid: held.eid,
      prevSeq: held.seq,
      journal: { seq: turn.seq, turn: encodeTurn(turn) },
      update: { status: 'terminated', closedAt: now, wakeAt: null, held: null, waiting: null, output },
    },
    verdict => {
      if (verdict.kind !== 'done') {
        refuseAll([delivery], unavailable());
        return parts.lost(resident, verdict);
      }
      parts.residents.remove(resident);
      acceptAll([delivery]);
      parts.callers.ended(resident.key, { status: 'terminated', output, runId: null });
    },
  );
  parts.committer.flush();
}
