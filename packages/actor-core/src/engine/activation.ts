import { refuseAll, type Actor } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import type { ShardId } from '../ids/ids.ts';
import { isOpen } from '../execution/status.ts';
import type { Turn } from '../journal/turn.ts';
import { decodeMessage, decodeTurn } from '../journal/record.ts';
import { joinRows } from '../journal/snapshot.ts';
import type { CrashMessage } from '../message/message.ts';
import type { Deaths } from '../ports/stage.ts';
import { type InboxRow, inSenderOrder } from '../ports/store/inbox.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import { replay } from '../replay/replay.ts';
import { BOUNDS } from '../bounds.ts';
import { blameOf, type Blame } from '../state/blame.ts';
import { crashLoop, unregistered } from '../state/hold.ts';
import type { Millis } from '../time/duration.ts';
import { closed, notFound, unavailable } from './answers.ts';
import { newActor, newCoroutine } from './birth.ts';
import type { Closed } from './callers.ts';
import type { Coroutine } from '../actor/coroutine.ts';
import { answerClosed } from './closed.ts';
import { becomeHeld, hold } from './holding.ts';
import { failedOf, forgetFailures } from './failed-tasks.ts';
import { leaveRows, readWhenRoom } from './left-rows.ts';
import { fold } from './compaction.ts';
import type { EngineParts } from './parts.ts';
import { armDeadlines, armWait, beginTask, runsOnce } from './release.ts';
import type { Resident } from './residents.ts';
import { sendNext } from './sending.ts';
import type { TaskPending } from '../state/pending.ts';

export interface WakeReason {
  /** Its node died with it in hand: attempts of its local commands are lost. */
  readonly crashed: boolean;
  /** It is held, and may go on now. */
  readonly retry: boolean;
  /** Whose end that was. Default: its shard's last owner's. */
  readonly loss?: Loss;
}

/** What of a lost attempt says whose fault it is. */
export type Loss = Pick<CrashMessage, 'spared' | 'of'>;

export const ORDINARY: WakeReason = { crashed: false, retry: false };

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;

/** Reads an execution into memory and lets it go on where its journal ends. */
export async function activate(
  parts: EngineParts,
  resident: Resident,
  reason: WakeReason,
  known?: LoadedRun,
): Promise<void> {
  let given = known;
  resident.loading = true;
  parts.residents.put(resident);
  let retryMs = FIRST_RETRY_MS;
  for (;;) {
    if (resident.accepting.size > 0) {
      // What was sent while it was held comes before what is sent now: its rows must be there when they are read.
      given = undefined;
      await new Promise<void>(resolve => resident.accepted.push(resolve));
    }
    try {
      // What is on its way to the store must land before the shard is read.
      await parts.owned.get(resident.shard)?.resyncing;
      const loaded = given ?? (await read(parts, resident));
      given = undefined;
      if (parts.stopping || !parts.residents.has(resident)) return abandon(parts, resident, unavailable());
      return await enter(parts, resident, loaded, reason);
    } catch (error) {
      if (parts.stopping) return abandon(parts, resident, unavailable());
      parts.options.log.write('warn', 'reading an execution failed', {
        executionId: resident.id,
        error: error instanceof Error ? error.message : String(error),
        retryMs,
      });
      if (error instanceof DfnsError && error.code === 'INTERNAL') {
        // Its own row is damaged: there is nothing to write its hold on, and the node goes on without it.
        parts.options.log.write('error', 'the row of an execution is damaged', {
          namespace: resident.namespace,
          executionId: resident.id,
          error: error.message,
        });
        return abandon(parts, resident, error);
      }
      // Callers may try again themselves; what the execution itself needs is tried until the store answers.
      const calls = resident.mail.filter(delivery => delivery.reply);
      resident.mail = resident.mail.filter(delivery => !delivery.reply);
      refuseAll(calls, unavailable());
      for (const settled of resident.settled.splice(0)) settled(unavailable());
      const { clock } = parts.options;
      await new Promise<void>(resolve => clock.setTimer(clock.now() + retryMs, resolve));
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    }
  }
}

async function read(parts: EngineParts, resident: Resident): Promise<LoadedRun | undefined> {
  const { store } = parts.options;
  let { eid } = resident;
  if (eid === null) {
    const run = await store.current(resident.namespace, resident.id);
    if (!run) return undefined;
    eid = run.eid;
  }
  const [loaded] = await store.load([eid]);
  return loaded;
}

function abandon(parts: EngineParts, resident: Resident, error: DfnsError): void {
  resident.loading = false;
  parts.residents.remove(resident);
  refuseAll(resident.mail.splice(0), error);
  for (const settled of resident.settled.splice(0)) settled();
}

async function enter(
  parts: EngineParts,
  resident: Resident,
  loaded: LoadedRun | undefined,
  why: WakeReason,
): Promise<void> {
  if (!loaded) {
    parts.callers.ended(resident.key, notFound(resident.namespace, resident.id));
    return abandon(parts, resident, notFound(resident.namespace, resident.id));
  }
  const { run } = loaded;
  if (resident.eid !== null && resident.eid !== run.eid) {
    // A newer execution of the id came to be meanwhile.
    return enter(parts, resident, await read(parts, resident), why);
  }
  if (run.status === 'continued-as-new') {
    // It was read by the number of an earlier run.
    parts.residents.forgetNumber(resident);
    return enter(parts, resident, await read(parts, resident), why);
  }
  parts.residents.renumber(resident, run.eid);
  if (!isOpen(run.status)) {
    answerClosed(parts, loaded, resident.mail.splice(0));
    // Whose end was told to an actor that was dropped before it heard.
    const { status, output, runId } = run;
    parts.callers.ended(resident.key, { status: status as Closed['status'], output, runId });
    return abandon(parts, resident, closed(run.id));
  }
  const reason = { ...why, crashed: losesAttempts(parts, run, why) };
  const seq = loaded.journal.at(-1)?.seq ?? loaded.snapshots.at(-1)?.to ?? 0;
  const failed = failedOf(parts, run);
  const end = { run, seq, at: lastTime(loaded), failed };
  if (run.held && !reason.retry) return becomeHeld(parts, resident, end, run.held);
  const { options } = parts;
  const holdFor = (fault: DfnsError) => hold(parts, resident, end, fault, true);
  const workflow = options.workflows.get(run.workflow, run.version);
  if (!workflow) {
    return holdFor(unregistered(run));
  }
  let turns: Turn[];
  let coroutine: Coroutine;
  let inbox: Mail[];
  let blame: Blame;
  const room = parts.entrance.bounds.mailbox;
  try {
    coroutine = newCoroutine(options, run, workflow);
    inbox = inSenderOrder(firstRows(loaded, room)).map(({ row, at }) => {
      const message = decodeMessage(row.message);
      return { at: message.kind === 'reset' ? -4 : at, delivery: { message, inbox: row, reply: null } };
    });
    turns = joinRows(loaded.journal, loaded.snapshots).map(row => decodeTurn(row.seq, row.turn));
    blame = blameOf(turns, options.deaths?.of(run.eid) ?? [], options.clock.now());
    if (blame.news.length > 0 && blame.count >= BOUNDS.crashesBeforeHold && !reason.retry) {
      return holdFor(crashLoop('Its code', blame.count));
    }
    await replay(coroutine, turns, options.clock, workflow.cleanupTimeoutMs);
  } catch (error) {
    if (!parts.residents.has(resident)) return abandon(parts, resident, unavailable());
    return holdFor(error instanceof DfnsError ? error : new DfnsError('INTERNAL', String(error), { cause: error }));
  }
  if (parts.stopping || !parts.residents.has(resident) || !parts.owned.has(run.shard)) {
    return abandon(parts, resident, unavailable());
  }
  const actor = newActor(parts, coroutine, seq, workflow);
  for (const { turns } of loaded.snapshots) actor.bytes += turns.byteLength;
  for (const { turn } of loaded.journal) actor.bytes += turn.byteLength;
  actor.folded = loaded.snapshots.at(-1)?.to ?? 0;
  actor.wakeAt = run.wakeAt;
  actor.unhold = run.held !== null;
  actor.again = failed;
  // What is pending is then begun with the turn that says that it is this run's.
  const resets = inbox.some(({ delivery }) => delivery.message.kind === 'reset');
  if (reason.crashed && !reason.retry && !resets && crashLoops(parts, actor, reason)) {
    return holdFor(crashLoop('A command', BOUNDS.crashesBeforeHold));
  }
  const { state } = actor;
  resident.loading = false;
  resident.held = null;
  resident.actor = actor;
  parts.metering?.activated(loaded.snapshots.length > 0 ? 'snapshot' : 'journal');
  resume(parts, actor, inbox, resets, reason, blame.news);
  const beyond = loaded.inbox[room];
  if (beyond) leaveRows(resident, beyond.receiver);
  for (const delivery of resident.mail.splice(0)) {
    if (!resident.left) actor.mailbox.put(delivery);
    else if (delivery.inbox) leaveRows(resident, delivery.inbox.receiver);
    else if (!overtakes(parts, resident, delivery)) actor.mailbox.put(delivery);
  }
  readWhenRoom(parts, resident, actor);
  for (const settled of resident.settled.splice(0)) settled();
  // Who waits here may have been answered in a turn that this node never heard of.
  parts.callers.answerKnown(resident.key, id => {
    const known = state.known(id);
    return known ? known.outcome : null;
  });
  parts.resting.active(actor);
  actor.stale = run.wakeAt === 0 || run.waiting === null;
  parts.ready(actor);
  fold(parts, actor, loaded.journal);
}

/** Refuses a message that came while rows before it stay where they are: nothing overtakes what its sender sent before. */
function overtakes(parts: EngineParts, { id }: Resident, { message, reply }: Delivery): boolean {
  if (!reply || (message.kind !== 'signal' && message.kind !== 'update')) return false;
  const refusal = parts.entrance.refusal('message', id, Infinity);
  if (refusal) reply.refused(refusal);
  return refusal !== null;
}

interface Mail {
  readonly at: Millis;
  readonly delivery: Delivery;
}

/**
 * As many rows as the mailbox holds. A run that goes on from another's prefix begins with being told so, whatever was sent
 * to the execution before.
 */
function firstRows({ run, inbox }: LoadedRun, room: number): readonly InboxRow[] {
  const behind = run.lineage === null ? [] : inbox.slice(room);
  return [...inbox.slice(0, room), ...behind.filter(row => decodeMessage(row.message).kind === 'reset')];
}

/** Of the last message in the journal; 0 where it cannot be read. */
function lastTime({ journal }: LoadedRun): Millis {
  const row = journal.at(-1);
  try {
    return row ? (decodeTurn(row.seq, row.turn).messages.at(-1)?.at ?? 0) : 0;
  } catch {
    return 0;
  }
}

/** Whether its node died with it in hand and that is not counted yet, whoever it is that reads it first. */
function losesAttempts(parts: EngineParts, run: RunRow, why: WakeReason): boolean {
  const looked = parts.owned.get(run.shard)?.inDoubt;
  if (!looked) return why.crashed;
  if (looked.has(run.eid)) return false;
  looked.add(run.eid);
  return run.wakeAt === 0 && !parts.numbers.isOwn(run.eid);
}

/** What the journal left in hand goes on: bodies, timers, sends; the inbox and overdue timers in their order. */
function resume(
  parts: EngineParts,
  actor: Actor,
  inbox: readonly Mail[],
  resets: boolean,
  reason: WakeReason,
  named: readonly Millis[],
): void {
  const { state } = actor;
  const now = parts.options.clock.now();
  const mail = [...inbox];
  const put = (at: Millis, message: Delivery['message']) =>
    mail.push({ at, delivery: { message, inbox: null, reply: null } });
  forgetFailures(parts, state.run.eid, actor.again);
  const again = new Set(actor.again);
  const lost = resets ? [] : lostAttempts(parts, actor, reason, now).filter(n => !again.has(n));
  if (lost.length > 0 || named.length > 0) {
    const crash: CrashMessage = {
      kind: 'crash',
      at: 0,
      commands: lost,
      ...blameIn(parts, state.run.shard, reason, named),
    };
    parts.metering?.losing(crash, new Map(lost.map(n => [n, (state.pending.get(n) as TaskPending).name])));
    put(-3, crash);
    actor.preamble = 1 + (resets ? 1 : 0) + (reason.retry ? 1 : 0);
  }
  // A run whose first turn was never stored begins with its start all the same.
  if (reason.retry) {
    put(state.begun ? -2 : -0.5, { kind: 'retry', at: 0, ...(again.size > 0 ? { again: [...again] } : {}) });
  }
  if (!state.begun) put(-1, { kind: 'start', at: 0, attributes: state.run.attributes });
  for (const pending of state.pending.values()) {
    if (pending.kind === 'task') {
      // It began at a node that was stopped since: it has to wait for its turn here too.
      if (isSuspect(pending) && !parts.bodies.has(state.run.eid, pending.n)) pending.started = false;
      // Those that lost their attempt, or failed, begin with the turn that says so.
      if (!resets && !lost.includes(pending.n) && !again.has(pending.n)) beginTask(parts, actor, pending);
    } else if (pending.kind === 'send') {
      if (!resets) sendNext(parts, actor, pending);
    } else if (pending.due !== null && pending.due <= now)
      put(pending.due, { kind: 'timer', at: pending.due, command: pending.n });
    else if (pending.due !== null) armWait(parts, actor, pending.n, pending.due);
  }
  armDeadlines(parts, actor);
  mail.sort((a, b) => a.at - b.at);
  for (const { delivery } of mail) actor.mailbox.put(delivery);
}

/** What a crash message says of whose fault the death was, where that is known. */
function blameIn(
  { options: { deaths } }: EngineParts,
  shard: ShardId,
  { loss }: WakeReason,
  named: readonly Millis[],
): Loss & Pick<CrashMessage, 'named'> {
  if (named.length > 0) return { named, spared: false };
  if (loss) return loss;
  if (deaths?.lastIsNamed(shard)) return { named, spared: true };
  const of = deaths?.lastOwner(shard);
  return of === undefined ? {} : { of };
}

const isSuspect = (task: TaskPending): boolean => task.crashes >= BOUNDS.crashesBeforeSuspect && !runsOnce(task);

/** Local commands whose body may have run at a node that is gone. */
function lostAttempts(parts: EngineParts, actor: Actor, reason: WakeReason, now: Millis): number[] {
  const lost: number[] = [];
  for (const pending of actor.state.pending.values()) {
    if (pending.kind !== 'task' || (pending.retryAt !== null && pending.retryAt > now)) continue;
    if (parts.bodies.has(actor.state.run.eid, pending.n)) continue;
    if (parts.remote.has(actor.state.run.eid, pending.n, pending.attempt)) continue;
    if (runsOnce(pending)) {
      // However its node ended: it began, and must not begin again.
      if (pending.started) lost.push(pending.n);
      continue;
    }
    if (!reason.crashed) continue;
    // From the second crash on, only one that was journaled as started is blamed.
    if (pending.crashes >= BOUNDS.crashesBeforeSuspect && !pending.started) continue;
    lost.push(pending.n);
  }
  return lost;
}

function crashLoops(parts: EngineParts, actor: Actor, reason: WakeReason): boolean {
  const { deaths, clock } = parts.options;
  if (deaths?.lastIsNamed(actor.state.run.shard)) return false;
  const now = clock.now();
  return lostAttempts(parts, actor, reason, now).some(n => {
    const task = actor.state.pending.get(n);
    return task?.kind === 'task' && crashesOf(task, deaths) + 1 >= BOUNDS.crashesBeforeHold;
  });
}

/** How often its node died with it in hand: of those that were taken for dead, some may have come back since. */
function crashesOf({ crashes, takenForDead }: TaskPending, deaths: Deaths | undefined): number {
  return crashes - (takenForDead?.filter(at => deaths?.livedOn(at)).length ?? 0);
}
