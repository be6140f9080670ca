import { acceptAll, refuseAll, type Actor } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import { lineOf } from '../actor/faults.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { errorName } from '../errors/error-name.ts';
import type { Held, RunRow } from '../execution/execution.ts';
import { encodeTurn } from '../journal/record.ts';
import type { Message } from '../message/message.ts';
import type { Millis } from '../time/duration.ts';
import { encodeError } from '../payload/error-payload.ts';
import { TerminatedError } from '../errors/terminated-error.ts';
import { heldFor, UNREGISTERED } from '../state/hold.ts';
import { changeOf } from '../ports/changes.ts';
import type { ActorCommit } from '../ports/store/commit.ts';
import { endStart, openingOf, writeOpening } from './starting.ts';
import type { WriteVerdict } from './committer.ts';
import { accept, acceptAllNow, endAccepting } from './accepting.ts';
import { unavailable } from './answers.ts';
import { failedIn, forgetFailures, merged, noteFailures, type FailedTasks } from './failed-tasks.ts';
import type { EngineParts } from './parts.ts';
import { summaryOf, type Resident } from './residents.ts';
import { acceptedRow } from './stamp.ts';
import { listColumns } from './turn-write.ts';

/** The turn in hand cannot stand: the actor goes, its execution is held and says why. */
export function holdActor(parts: EngineParts, resident: Resident, actor: Actor): void {
  const fault = actor.coroutine.fault!;
  const { run, at, attributes, rowChanged } = actor.state;
  const stored = actor.wakeAt !== undefined;
  const { seq } = actor;
  const columns = listColumns(actor);
  const failed = merged(actor.again, fault.details?.['onError'] ? failedIn(actor) : []);
  resident.actor = null;
  parts.resting.gone(actor);
  parts.suspects.left(actor.state.run.eid);
  resident.mail.unshift(...actor.abandon().filter(delivery => delivery.message.kind !== 'start'));
  // What the turn in hand would have set is not stored.
  const known = rowChanged ? run : { ...run, attributes };
  hold(parts, resident, { run: known, seq, at, failed }, fault, stored, columns);
  actor.settle();
}

/** Where a run's history ends. */
export interface HistoryEnd {
  readonly run: RunRow;
  readonly seq: number;
  /** Time of its last message. */
  readonly at: Millis;
  /** Tasks that begin again with what comes next, which is not taken yet. */
  readonly failed: FailedTasks;
}

/**
 * Writes that a run is held; what waits for it becomes rows. A run that is not stored yet is inserted as it would have
 * been started.
 */
export function hold(
  parts: EngineParts,
  resident: Resident,
  end: HistoryEnd,
  fault: DfnsError,
  stored: boolean,
  columns: Partial<RunRow> = {},
): void {
  const { run, seq } = end;
  const owned = parts.owned.get(run.shard);
  if (!owned || owned.resyncing) return refuseAll(resident.mail.splice(0), unavailable());
  resident.loading = true;
  const held = heldFor(fault, parts.options.build, parts.options.clock.now(), end.failed);
  parts.options.log.write('error', 'an execution is held', {
    namespace: run.namespace,
    executionId: run.id,
    workflow: run.workflow,
    code: held.code,
    ...loggedReason(fault),
  });
  const { start } = resident;
  const base = { shard: run.shard, epoch: owned.epoch, eid: run.eid, prevSeq: seq };
  const opening = start ? openingOf(parts, start, run) : { current: { expect: null } };
  // Whoever looks for the start by its run takes the signal that came with it for taken.
  const first = start?.message?.message.kind === 'signal' ? start.message : null;
  const accepts = first ? [acceptedRow(owned, run.first, first.message, parts.options.clock.now())] : [];
  const entry: ActorCommit = stored
    ? { ...base, update: { ...columns, held, build: held.build } }
    : { ...base, insert: { ...run, ...columns, held, wakeAt: 0 }, ...opening, accepts };
  writeOpening(parts, run.namespace, start, entry, (verdict: WriteVerdict): void => {
    endStart(parts, resident);
    resident.loading = false;
    if (verdict.kind === 'done') {
      const { code, at } = held;
      parts.changes?.changed(changeOf(run, { kind: 'held', status: 'running', turn: seq, at, held: code }));
      if (first) resident.mail = resident.mail.filter(delivery => delivery !== first);
      first?.reply?.accepted(held);
      forgetFailures(parts, run.eid, held.failed);
      becomeHeld(parts, resident, end, held);
      if (code === UNREGISTERED) parts.options.heldForCode?.();
    } else if (start && (verdict.kind === 'exists' || verdict.kind === 'duplicate')) {
      parts.residents.remove(resident);
      if (start.message) resident.mail = resident.mail.filter(delivery => delivery !== start.message);
      sendOn(parts, resident);
    } else if (verdict.kind === 'refused') {
      // Held here alone, until somebody reads it anew: it must not take the same turn again and again.
      becomeHeld(parts, resident, end, held);
    } else parts.lost(resident, verdict);
    start?.settle(verdict);
  });
  parts.committer.flush();
}

/** What user code threw may hold what it worked on: its kind and line alone. Whoever may see it asks for the execution. */
function loggedReason({ message, details, cause }: DfnsError): object {
  if (!details?.['onError'] && !details?.['threw']) return { reason: message };
  return { error: errorName(cause), line: lineOf(cause) };
}

/** The resident is nobody's home: who waits for it looks again, what waits for it goes to whoever is. */
function sendOn(parts: EngineParts, resident: Resident): void {
  for (const settled of resident.settled.splice(0)) settled();
  for (const delivery of resident.mail.splice(0)) parts.deliver(resident.namespace, resident.id, delivery);
}

/** What came while it was read or held is given the way of messages to held executions. */
export function becomeHeld(parts: EngineParts, resident: Resident, end: HistoryEnd, held: Held): void {
  const { run, seq, at } = end;
  resident.loading = false;
  // Rows stay where they are: all are read when it goes on.
  resident.left = null;
  resident.held = { held, run: summaryOf(run), eid: run.eid, first: run.first, seq, at };
  parts.metering?.held(run, held);
  parts.residents.put(resident);
  const mail = resident.mail.splice(0);
  for (const settled of resident.settled.splice(0)) settled();
  for (const delivery of mail) deliverHeld(parts, resident, delivery);
  noteFailures(parts, resident);
  parts.committer.flush();
}

/** A message to a held execution: a client's becomes a row, what the node itself sent comes again later. */
export function deliverHeld(parts: EngineParts, resident: Resident, delivery: Delivery): void {
  const { message, inbox, reply } = delivery;
  const held = resident.held!;
  if (!parts.owned.has(resident.shard)) return refuseAll([delivery], unavailable());
  if (message.kind === 'start') return acceptAll([delivery]);
  if (inbox) return;
  if (message.kind === 'terminate') return terminateHeld(parts, resident, delivery);
  if (message.kind === 'update' || message.kind === 'task-override') {
    reply?.refused(
      new DfnsError(
        'UNAVAILABLE',
        `The execution is held (${held.held.code}): it takes nothing but signals until it is retried. ${held.held.message}`,
      ),
    );
    return;
  }
  if (message.kind !== 'signal' && message.kind !== 'cancel' && message.kind !== 'amend') return;
  accept(parts, resident, delivery);
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
  acceptAllNow(parts, resident);
  // What comes until it is stored waits for what it finds then.
  resident.held = null;
  resident.loading = true;
  resident.accepting.add(delivery);
  parts.committer.write(
    resident.namespace,
    {
      shard: owned.shard,
      epoch: owned.epoch,
      eid: held.eid,
      prevSeq: held.seq,
      journal: { seq: turn.seq, turn: encodeTurn(turn) },
      update: { status: 'terminated', closedAt: now, wakeAt: null, held: null, waiting: null, output },
    },
    verdict => {
      resident.loading = false;
      endAccepting(resident, [delivery]);
      if (verdict.kind !== 'done') {
        refuseAll([delivery], unavailable());
        return parts.lost(resident, verdict);
      }
      parts.residents.remove(resident);
      parts.metering?.closed(held.run, 'terminated', now);
      parts.tracing?.closed(held.run, 'terminated');
      parts.changes?.changed(changeOf(held.run, { kind: 'closed', status: 'terminated', turn: turn.seq, at: now }));
      acceptAll([delivery]);
      parts.callers.ended(resident.key, { status: 'terminated', output, runId: null });
      sendOn(parts, resident);
    },
  );
  parts.committer.flush();
}
