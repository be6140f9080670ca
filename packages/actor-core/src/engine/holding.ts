import { acceptAll, refuseAll, type Actor } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Held, RunPatch, RunRow } from '../execution/execution.ts';
import { encodeTurn } from '../journal/record.ts';
import type { Message } from '../message/message.ts';
import { encodeError } from '../payload/error-payload.ts';
import { TerminatedError } from '../errors/terminated-error.ts';
import { heldFor } from '../state/hold.ts';
import { closed, unavailable } from './answers.ts';
import type { EngineParts } from './parts.ts';
import type { Resident } from './residents.ts';
import { acceptedRow } from './stamp.ts';
import { listColumns } from './turn-write.ts';

/** The turn in hand cannot stand: the actor goes, its execution is held and says why. */
export function holdActor(parts: EngineParts, resident: Resident, actor: Actor): void {
  const fault = actor.coroutine.fault!;
  const { run } = actor.state;
  const { build, clock } = parts.options;
  const columns = listColumns(actor);
  putAway(parts, resident, actor);
  hold(parts, resident, run, actor.seq, heldFor(fault, build, clock.now()), columns);
}

/** The actor goes; what waits for it waits for its resident. */
function putAway(parts: EngineParts, resident: Resident, actor: Actor): void {
  resident.actor = null;
  parts.resting.gone(actor);
  resident.mail.unshift(...actor.abandon());
  resident.settled.push(...(actor.whenSettled?.splice(0) ?? []));
}

/** Writes that a run is held; what waits for it becomes rows. */
export function hold(
  parts: EngineParts,
  resident: Resident,
  run: RunRow,
  seq: number,
  held: Held,
  columns: RunPatch = {},
): void {
  resident.loading = true;
  const owned = parts.owned.get(run.shard);
  if (!owned) {
    // Whoever owns it now finds out by itself.
    parts.residents.remove(resident);
    refuseAll(resident.mail.splice(0), unavailable());
    for (const settled of resident.settled.splice(0)) settled(unavailable());
    return;
  }
  parts.committer.write(
    {
      shard: run.shard,
      epoch: owned.epoch,
      eid: run.eid,
      prevSeq: seq,
      update: { ...columns, held, build: held.build },
    },
    verdict => {
      if (verdict.kind !== 'done') parts.lost(resident, verdict);
      else standHeld(parts, resident, null, { held, eid: run.eid, first: run.first, seq });
    },
  );
  parts.committer.flush();
}

/** It stands in the store that the execution is held. */
export function standHeld(
  parts: EngineParts,
  resident: Resident,
  actor: Actor | null,
  held: NonNullable<Resident['held']>,
): void {
  parts.options.log.write('error', 'an execution is held', {
    namespace: resident.namespace,
    executionId: resident.id,
    code: held.held.code,
    reason: held.held.message,
  });
  if (actor) putAway(parts, resident, actor);
  resident.loading = false;
  resident.held = held;
  parts.residents.put(resident);
  const mail = resident.mail.splice(0);
  for (const settled of resident.settled.splice(0)) settled();
  for (const delivery of mail) deliverHeld(parts, resident, delivery);
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
  const now = parts.options.clock.now();
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
  // What comes meanwhile is for an execution that has ended.
  resident.held = null;
  resident.loading = true;
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
      refuseAll(resident.mail.splice(0), closed(resident.id));
      for (const settled of resident.settled.splice(0)) settled();
      parts.callers.ended(resident.key, { status: 'terminated', output, runId: null });
    },
  );
  parts.committer.flush();
}
