import { refuseAll, type Actor, type TurnInHand } from '../actor/actor.ts';
import { BOUNDS } from '../bounds.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Eid } from '../ids/ids.ts';
import { isOfExecution } from '../message/message.ts';
import { encodeCarry } from '../journal/carry.ts';
import type { ActorCommit } from '../ports/store/commit.ts';
import { carryOn } from '../state/carry.ts';
import { activate, ORDINARY } from './activation.ts';
import { entryBytes } from './batch.ts';
import { newActor, newCoroutine } from './birth.ts';
import { redeliver, redeliverCalls } from './delivering.ts';
import type { WriteVerdict } from './committer.ts';
import { readWhenRoom } from './left-rows.ts';
import { holdActor } from './holding.ts';
import type { EngineParts, OwnedShard } from './parts.ts';
import { releaseOrphan, releaseTurn } from './release.ts';
import { newResident, type Resident } from './residents.ts';
import { endStart, nextRun, openingOf, undoStart, writeOpening } from './starting.ts';
import { dropResident } from './trouble.ts';
import { tellTurn } from './telling.ts';
import { turnWrite } from './turn-write.ts';
import { wakeAfter } from './waking.ts';

/** A round is over: what each actor took becomes a write, and the writes go to the store together. */
export function collectTurns(parts: EngineParts, actors: readonly Actor[]): void {
  for (let i = 0; i < actors.length; i++) {
    const actor = actors[i]!;
    const resident = actor.dropped
      ? undefined
      : (parts.residents.byEid(actor.state.run.eid) ?? besideAnother(parts, actor));
    if (!resident || resident.actor !== actor || holdIfFaulted(parts, actor, resident)) continue;
    const turn = actor.collect();
    if (turn) commitTurn(parts, resident, actor, turn);
    else actor.settle();
  }
  parts.options.stage?.leave();
  parts.committer.flush();
}

function besideAnother(parts: EngineParts, actor: Actor): Resident | undefined {
  for (const resident of parts.aside) if (resident.actor === actor) return resident;
  return undefined;
}

function commitTurn(parts: EngineParts, resident: Resident, actor: Actor, turn: TurnInHand): void {
  const owned = parts.owned.get(actor.state.run.shard);
  if (!owned || owned.resyncing) {
    redeliverCalls(parts, resident, dropResident(parts, resident));
    return;
  }
  if (turn.deletes.length > 0) deleteRows(parts, actor, owned, turn);
  if (turn.messages.length === 0) {
    // Nothing to journal: refused, moot or known before.
    actor.committed();
    releaseTurn(parts, actor, turn);
    return actor.settle();
  }
  const { run } = actor.state;
  let next: RunRow | null = null;
  const start = actor.seq === 0 ? resident.start : null;
  const opening = start ? openingOf(parts, start, run) : null;
  const { wakeAt } = actor;
  let twice = false;
  let entry: ActorCommit;
  let bytes: number;
  try {
    assertJournalBelow(actor, turn, parts.options.journalTurns ?? BOUNDS.journalHoldTurns);
    next = nextRunOf(parts, actor);
    twice = opening !== null && next !== null;
    if (twice) actor.wakeAt = 0;
    entry = turnWrite(actor, turn, {
      epoch: owned.epoch,
      build: parts.options.build,
      next,
      opening: twice ? null : opening,
    });
    bytes = entryBytes(entry);
    assertFits(bytes, parts.options.store.limits.itemBytes);
  } catch (error) {
    // Nothing of it is stored: a first turn leaves no row.
    actor.wakeAt = wakeAt;
    actor.coroutine.fault =
      error instanceof DfnsError ? error : new DfnsError('INTERNAL', String(error), { cause: error });
    holdIfFaulted(parts, actor, resident);
    return;
  }
  if (parts.metering) turn.begunAt = parts.ticker.began;
  actor.committing = true;
  const settled = (verdict: WriteVerdict) => turnAnswered(parts, resident, actor, turn, next, verdict);
  if (!start) return parts.committer.write(run.namespace, entry, settled, bytes);
  if (!twice) return writeOpening(parts, run.namespace, start, entry, settled);
  // A commit inserts one run: this one's row first, then its only turn with the row of the next.
  const row = {
    shard: run.shard,
    epoch: owned.epoch,
    eid: run.eid,
    prevSeq: 0,
    insert: { ...run, wakeAt: 0 },
    ...opening,
  };
  writeOpening(parts, run.namespace, start, row, verdict => {
    if (verdict.kind !== 'done' || actor.dropped) return settled(verdict);
    const there = parts.residents.at(resident.namespace, resident.id);
    if (!there) parts.residents.put(resident);
    if (!there || there === resident) return parts.committer.write(run.namespace, entry, settled);
    // Whoever came into memory meanwhile finds the row, and takes its first turn itself.
    endStart(parts, resident);
    giveWay(parts, resident, actor, there, run.eid);
    start.settle(verdict);
  });
}

function assertJournalBelow(actor: Actor, turn: TurnInHand, turns: number): void {
  if (turn.seq <= turns || actor.state.ending) return;
  throw new DfnsError(
    'LIMIT_EXCEEDED',
    `The journal of the run has ${actor.seq} turns. Use ctx.continueAsNew, or allow more with journalTurns.`,
  );
}

function assertFits(bytes: number, itemBytes: number): void {
  if (bytes <= itemBytes) return;
  throw new DfnsError(
    'LIMIT_EXCEEDED',
    `A turn of ${bytes} bytes is more than the store keeps in one row (${itemBytes}).`,
  );
}

function turnAnswered(
  parts: EngineParts,
  resident: Resident,
  actor: Actor,
  turn: TurnInHand,
  next: RunRow | null,
  verdict: WriteVerdict,
): void {
  const start = actor.seq === 0 ? resident.start : null;
  if (start) endStart(parts, resident);
  if (actor.dropped) {
    if (verdict.kind === 'done') {
      tell(parts, actor, turn, start !== null, next);
      releaseOrphan(parts, turn, actor.state.run.shard);
    }
    return start?.settle(verdict);
  }
  actor.committing = false;
  if (start) {
    resident.loading = false;
    if (verdict.kind === 'exists' || verdict.kind === 'duplicate' || verdict.kind === 'refused') {
      undoStart(parts, resident, start);
      redeliver(parts, resident);
      return start.settle(verdict);
    }
    if (verdict.kind === 'done') {
      const there = parts.residents.at(resident.namespace, resident.id);
      if (there && there !== resident && (next || !actor.state.ending)) {
        tell(parts, actor, turn, start !== null, next);
        giveWay(parts, resident, actor, there, next?.eid ?? actor.state.run.eid);
        return start.settle(verdict);
      }
      if (!there) parts.residents.put(resident);
    }
  }
  if (verdict.kind !== 'done') {
    parts.lost(resident, verdict);
    return start?.settle(verdict);
  }
  actor.committed();
  tell(parts, actor, turn, start !== null, next);
  actor.unhold = false;
  actor.again = [];
  releaseTurn(parts, actor, turn);
  if (start) {
    start.settle(verdict);
    for (const settled of resident.settled.splice(0)) settled();
  }
  if (actor.state.ending) return runEnded(parts, resident, actor, next);
  parts.resting.active(actor, parts.ticker.now);
  actor.recycle(turn);
  actor.settle();
}

/** The turn is durable: whoever listens, measures and traces hears of it while its attempts are still known. */
function tell(parts: EngineParts, actor: Actor, turn: TurnInHand, isFirst: boolean, next: RunRow | null): void {
  const { metering, tracing, changes } = parts;
  if (changes) tellTurn(changes, actor, turn, isFirst, next);
  if (!metering && !tracing) return;
  const { run, ending, at } = actor.state;
  if (actor.unhold) metering?.unheld(run.eid);
  metering?.turn(actor, turn, command => parts.bodies.watchOf(run.eid, command));
  tracing?.taken(actor, turn);
  if (!ending) return;
  tracing?.closed(run, ending.status);
  if (ending.status !== 'continued-as-new') metering?.closed(run, ending.status, at);
}

/**
 * The id came into memory otherwise while its start was at the store: who is there goes on with what is stored, and the
 * actor that carried out the start does not.
 */
function giveWay(parts: EngineParts, resident: Resident, actor: Actor, there: Resident, eid: Eid): void {
  const rest = actor.abandon();
  parts.resting.gone(actor);
  resident.actor = null;
  redeliverCalls(parts, there, rest);
  // What is being read is a run that has ended: it is read again.
  if (there.loading && !there.start) parts.residents.renumber(there, eid);
  void wakeAfter(parts, there, eid, ORDINARY);
}

function runEnded(parts: EngineParts, resident: Resident, actor: Actor, next: RunRow | null): void {
  const { run, ending } = actor.state;
  // Timers and completions are of this run: the next one numbers its commands anew.
  const mail = [...actor.abandon(), ...resident.mail];
  resident.mail = mail.filter(({ message }) => isOfExecution(message));
  // An error costs more than the rest of the end: it is made where there is mail of the run.
  if (resident.mail.length < mail.length) {
    refuseAll(
      mail.filter(({ message }) => !isOfExecution(message)),
      new DfnsError('NOT_FOUND', `The run of "${run.id}" that the command was of has ended.`),
    );
  }
  resident.actor = null;
  parts.resting.gone(actor);
  parts.bodies.leave(run.eid);
  parts.suspects.left(run.eid);
  if (actor.state.runningUpdates > 0) {
    const lost = new DfnsError('CLOSED', `The execution "${run.id}" ended before the update was done.`);
    for (const id of actor.state.updates.keys()) parts.callers.answered(id, lost);
  }
  if (next) followOn(parts, resident, actor, next);
  else {
    parts.residents.remove(resident);
    if (resident.left) letGoOfRows(parts, resident);
    const { status, output } = ending as Extract<typeof ending, { output: unknown }>;
    parts.callers.ended(resident.key, { status, output, runId: run.runId });
    redeliver(parts, resident);
  }
  actor.settle();
}

/** It ended before it had room for these rows: whoever reads it sees that nobody will take them. */
function letGoOfRows(parts: EngineParts, { namespace, id, shard, eid }: Resident): void {
  const again = newResident(namespace, id, shard);
  again.eid = eid;
  void activate(parts, again, ORDINARY);
}

/** The next run of the chain begins where the one before stood: same mailbox, same taken rows. */
function followOn(parts: EngineParts, resident: Resident, before: Actor, next: RunRow): void {
  parts.residents.renumber(resident, next.eid);
  const workflow = parts.options.workflows.get(next.workflow, next.version);
  if (!workflow) {
    void activate(parts, resident, ORDINARY);
    return;
  }
  const actor = newActor(parts, newCoroutine(parts.options, next, workflow), 0, workflow);
  parts.metering?.activated('continue-as-new');
  actor.wakeAt = next.wakeAt;
  actor.taken = before.taken;
  resident.actor = actor;
  actor.mailbox.put({ message: { kind: 'start', at: 0, attributes: next.attributes }, inbox: null, reply: null });
  for (const delivery of resident.mail.splice(0)) actor.mailbox.put(delivery);
  readWhenRoom(parts, resident, actor);
  parts.resting.active(actor);
  parts.ready(actor);
}

function nextRunOf(parts: EngineParts, actor: Actor): RunRow | null {
  const { state } = actor;
  if (state.ending?.status !== 'continued-as-new') return null;
  const { version, input } = state.ending;
  const carried = carryOn(state);
  return nextRun(parts, state.run, version ?? state.run.version, {
    input,
    carry: carried && encodeCarry(carried),
    attributes: state.attributes,
    details: state.details,
  });
}

function deleteRows(parts: EngineParts, actor: Actor, owned: OwnedShard, turn: TurnInHand): void {
  const { run } = actor.state;
  parts.committer.write(
    run.namespace,
    { shard: run.shard, epoch: owned.epoch, eid: run.eid, prevSeq: actor.seq, takes: turn.deletes },
    // Where it fails the row is read again, known again and deleted then.
    () => undefined,
  );
}

/** Holds the execution if its code cannot go on; true: it did. */
export function holdIfFaulted(parts: EngineParts, actor: Actor, resident: Resident | undefined): boolean {
  if (!actor.coroutine.fault || resident?.actor !== actor) return false;
  holdActor(parts, resident, actor);
  return true;
}
