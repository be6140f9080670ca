import { refuseAll, type Actor } from '../actor/actor.ts';
import { BOUNDS } from '../bounds.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import type { Held, RunRow } from '../execution/execution.ts';
import { type Eid, type Epoch, type Incarnation, type MessageId, type ShardId } from '../ids/ids.ts';
import { decodeMessage } from '../journal/record.ts';
import type { AmendMessage, Message, TaskOverrideMessage } from '../message/message.ts';
import type { Payload } from '../payload/payload.ts';
import type { Changes } from '../ports/changes.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import type { AttemptOutcome } from '../task/attempt-outcome.ts';
import { ORDINARY, type WakeReason } from './activation.ts';
import { stopping } from './answers.ts';
import { Bodies, completion } from './bodies.ts';
import { Callers, type Closed } from './callers.ts';
import { Committer, ROUND_HOPS } from './committer.ts';
import { Entrance } from './entrance.ts';
import { compact } from './compaction.ts';
import { countOpen } from './counting.ts';
import { dropRows } from './orphans.ts';
import { deliver, offer } from './delivering.ts';
import { call, enter, enterStart, refusalOfStart, rethrowSilence } from './entering.ts';
import { glimpse, type Glimpse } from './glimpse.ts';
import { writeRow } from './idle-rows.ts';
import type { EngineOptions, Started, StartRequest } from './options.ts';
import type { EngineParts } from './parts.ts';
import { awaitResult } from './awaiting.ts';
import { query } from './query.ts';
import { Metering } from './metering.ts';
import { handOver, loseRemote, loseRemoteAt, takeOffer, type Offered } from './moving.ts';
import { RemoteAttempts, type HandedOver, type OpenAttempt } from './remote-attempts.ts';
import { Residents, settledOrAborted, type Look, type Resident } from './residents.ts';
import { removeExecution } from './removing.ts';
import { Resting } from './resting.ts';
import { retry, type RetryFrom } from './retrying.ts';
import { settledResident } from './settled-resident.ts';
import { RunNumbers } from './run-numbers.ts';
import { Suspects } from './suspects.ts';
import { sendRow } from './sending.ts';
import { endStart, startExecution } from './starting.ts';
import { signalWithStart, updateWithStart, type MessageOfStart } from './starting-with.ts';
import { Ticker } from './ticker.ts';
import { Timers } from './timers.ts';
import { disown, lose } from './trouble.ts';
import { collectTurns, holdIfFaulted } from './turns.ts';
import { awaitUpdate, updateOutcome } from './updating.ts';
import { Tracing } from './tracing.ts';
import { wake } from './waking.ts';

/** A node that is to end does not wait for a store that has answered nothing for so long. */
const SILENT_MS = 1_000;

/**
 * Runs the executions of the shards a node owns: takes their messages, gives them their turns, commits those in groups
 * and lets out what they asked for. It does no I/O of its own.
 */
export class Engine {
  readonly parts: EngineParts;

  constructor(options: EngineOptions) {
    const timers = new Timers(options.clock);
    const residents = new Residents();
    const { measurements, tracer } = options;
    const ready = (actor: Actor) => {
      if (!this.parts.owned.get(actor.state.run.shard)?.resyncing) this.parts.ticker.ready(actor);
    };
    this.parts = {
      options,
      owned: new Map(),
      aside: new Set(),
      residents,
      callers: new Callers(),
      timers,
      bodies: new Bodies((eid, shard, { command, number, outcome }) => {
        if (this.parts.owned.has(shard)) offer(this.parts, eid, completion(command, number, outcome!));
        else options.endedElsewhere?.(shard, { eid, command, attempt: number }, outcome!);
      }),
      remote: new RemoteAttempts(),
      committer: new Committer(
        options.store,
        options.incarnation,
        options.ordinal,
        options.clock,
        options.log,
        measurements && (write => this.parts.metering!.open.landed(write)),
      ),
      entrance: new Entrance(
        {
          mailbox: options.admission?.mailbox ?? BOUNDS.mailboxMessages,
          backlog: options.admission?.backlog ?? BOUNDS.backlog,
          bytes: options.admission?.bytes ?? BOUNDS.backlogBytes,
          bodies: options.admission?.bodies ?? BOUNDS.bodies,
          lagMs: options.admission?.lagMs ?? BOUNDS.loopLagMs,
          silentMs: options.admission?.silentMs ?? BOUNDS.storeSilentMs,
        },
        options.clock,
        options.chance,
        () => this.parts.ticker.depth + this.parts.committer.depth,
        () => this.parts.bodies.size,
        () => this.parts.committer.silentMs,
        reason => this.parts.metering?.rejected(reason === 'mailbox' ? 'mailbox-full' : reason),
      ),
      ticker: new Ticker(
        options.clock,
        options.messagesPerTurn ?? 1_000,
        actors => collectTurns(this.parts, actors),
        measurements?.elapsed,
      ),
      resting: new Resting<Actor>(timers, {
        now: () => options.clock.now(),
        settle: actor => {
          writeRow(this.parts, actor, false);
          void compact(this.parts, actor);
        },
        passivate: actor => writeRow(this.parts, actor, true),
        passivateAfterMs: options.passivateAfterMs,
        residents: options.residents ?? BOUNDS.residents,
      }),
      suspects: new Suspects(timers, () => options.clock.now()),
      environment: {
        now: () => options.clock.now(),
        roundNow: () => this.parts.ticker.now,
        chance: () => options.chance.random(),
        sendRow: (actor, command, number) => sendRow(this.parts, actor, command, number),
      },
      metering: measurements ? new Metering(measurements, () => options.clock.now(), residents) : null,
      tracing: tracer ? new Tracing(tracer) : null,
      changes: null,
      stopping: false,
      draining: false,
      numbers: new RunNumbers(options.ordinal, options.drawOrdinal, options.runsPerOrdinal),
      deliver: (namespace, id, delivery) => deliver(this.parts, namespace, id, delivery),
      ready,
      faulted: actor => {
        if (actor.queued || actor.committing || actor.dropped) return;
        holdIfFaulted(this.parts, actor, this.parts.residents.byEid(actor.state.run.eid));
      },
      lost: (resident, verdict) => lose(this.parts, resident, verdict),
    };
  }

  // --- Shards

  /** The node owns the shard from now on; `clean`: its last owner released it, with nothing in hand. */
  own(shard: ShardId, epoch: Epoch, highestAccepted: number, clean = true): void {
    this.parts.owned.set(shard, {
      shard,
      epoch,
      accepted: highestAccepted,
      resyncing: null,
      inDoubt: clean ? null : new Set(),
      dropping: new Set(),
    });
  }

  /** Under which the node writes to the shard; undefined: it is another's. */
  epochOf(shard: ShardId): Epoch | undefined {
    return this.parts.owned.get(shard)?.epoch;
  }

  /** Before `own`: attempts of the shard that run at other nodes, which had it before, and live. */
  expect(shard: ShardId, handed: Iterable<HandedOver>): void {
    for (const each of handed) if (each.at !== this.parts.options.incarnation) this.parts.remote.add(shard, each);
  }

  /**
   * Gives the shard up, once nothing of it is on its way to the store: `ending` is told in the moment when it is served
   * no more, `release` of the attempts that go on, wherever. Calls in hand are refused as not served: they are to be made
   * again elsewhere.
   */
  handOver(
    shard: ShardId,
    ending: () => void,
    release: (epoch: Epoch, open: readonly HandedOver[]) => Promise<void>,
  ): Promise<void> {
    return handOver(this.parts, shard, ending, release);
  }

  /** The outcome of an attempt that ran at another node, of an execution of this node's. */
  takeOffer(shard: ShardId, attempt: OpenAttempt, outcome: AttemptOutcome): Promise<Offered> {
    return takeOffer(this.parts, shard, attempt, outcome);
  }

  /** A node is gone for good: the attempts that it had of this node's executions are lost. */
  loseRemoteAt(incarnation: Incarnation): void {
    loseRemoteAt(this.parts, incarnation);
  }

  /** Attempts that were thought to run at another node do not. */
  loseRemote(attempts: Iterable<OpenAttempt>): void {
    loseRemote(this.parts, attempts);
  }

  /** An attempt of this node whose shard is another's came to a commit there, or is not wanted. */
  forgetAttempt(attempt: OpenAttempt): void {
    if (this.parts.bodies.hasAttempt(attempt)) this.parts.bodies.forget(attempt.eid, attempt.command);
  }

  /** As `forgetAttempt`, of one that may still run: it is given its abort. */
  abortAttempt(attempt: OpenAttempt, reason: Error): void {
    if (this.parts.bodies.hasAttempt(attempt)) this.parts.bodies.abort(attempt.eid, attempt.command, reason);
  }

  /** Whether exactly this attempt is in hand here, or its outcome is kept. */
  hasAttempt(attempt: OpenAttempt): boolean {
    return this.parts.bodies.hasAttempt(attempt);
  }

  /** Attempts of shards that are not this node's any more, whose outcomes are kept for their owners. */
  endedElsewhere() {
    return this.parts.bodies.endedWhere(shard => !this.parts.owned.has(shard));
  }

  /** Nodes that have attempts in hand of executions of this one. */
  get awaitedNodes(): ReadonlySet<Incarnation> {
    return this.parts.remote.incarnations;
  }

  /** Attempts of this node's executions that run at `incarnation`, by shard. */
  awaitedAt(incarnation: Incarnation): readonly (OpenAttempt & { readonly shard: ShardId })[] {
    return [...this.parts.remote.at(incarnation)];
  }

  /** The node lost its lease: others run its attempts again, so its own are given their abort. */
  abortBodies(reason: Error): void {
    this.parts.bodies.abortAll(reason);
  }

  /** Counts what is open in shards that were taken, where somebody measures; resolves when it is counted. */
  countOpen(shards: readonly ShardId[]): Promise<void> {
    return countOpen(this.parts, shards);
  }

  /** What the dead owner of the shard had in hand has been read: what is read from now on was not. */
  tookInHand(shard: ShardId): void {
    const owned = this.parts.owned.get(shard);
    if (owned) owned.inDoubt = null;
  }

  /** The shard is another's: its actors go, its callers try elsewhere. Bodies in hand are left alone. */
  disown(shard: ShardId): void {
    disown(this.parts, shard);
  }

  /** Looks after an execution that is due, or was in hand at its dead owner, or is held and may go on. */
  wake(namespace: string, id: string, eid: Eid, reason: WakeReason = ORDINARY): Promise<void> {
    return wake(this.parts, namespace, id, eid, reason);
  }

  /** Before executions are read for `wakeLoaded`. */
  look(eids: Iterable<Eid>): Look {
    return this.parts.residents.look(eids);
  }

  /** As `wake`, of an execution that was just read, and was not in memory meanwhile. Resolves when it is in memory, or need not be. */
  wakeLoaded(loaded: LoadedRun, reason: WakeReason = ORDINARY): Promise<void> {
    const { namespace, id, eid } = loaded.run;
    return wake(this.parts, namespace, id, eid, reason, loaded);
  }

  /** From now on `changes` hears what becomes durable; null: nobody listens any more. */
  tellChanges(changes: Changes | null): void {
    this.parts.changes = changes;
  }

  // --- What clients ask for

  start(request: StartRequest): Promise<Started> {
    return enterStart(this.parts, request, () => startExecution(this.parts, request));
  }

  /** Starts an execution, or finds the one that is there, and signals it; a new one takes both in one turn. */
  signalWithStart(request: StartRequest, message: MessageOfStart): Promise<Started> {
    return enterStart(this.parts, request, () => signalWithStart(this.parts, request, message), message);
  }

  /** As `signalWithStart`, with an update: resolves when that is accepted or answered. */
  updateWithStart(request: StartRequest, message: MessageOfStart, until: 'accepted' | 'answered') {
    const refusal = refusalOfStart(this.parts, request);
    // It may be answered long after it is durable, and so does not count as a call in hand.
    if (refusal) return Promise.reject(refusal);
    return updateWithStart(this.parts, request, message, until).catch(rethrowSilence);
  }

  /** Resolves when the signal is durable, with why its execution is held, if it is. `caller` is the W3C trace context of whoever sends it. */
  signal(
    namespace: string,
    id: string,
    name: string,
    payload: Payload,
    messageId: MessageId,
    caller?: string,
  ): Promise<Held | undefined> {
    const message = { kind: 'signal', at: 0, id: messageId, sender: 0, number: 0, name, payload } as const;
    const { tracing } = this.parts;
    if (!tracing) return call(this.parts, namespace, id, message);
    const run = () => this.runOf(namespace, id);
    return tracing.signal({ namespace, id, name, caller, run }, context =>
      call(this.parts, namespace, id, message, context),
    );
  }

  /** As `signal`. */
  cancel(namespace: string, id: string, reason: string | null, messageId: MessageId): Promise<Held | undefined> {
    return call(this.parts, namespace, id, { kind: 'cancel', at: 0, id: messageId, reason });
  }

  terminate(namespace: string, id: string, reason: string | null, messageId?: MessageId): Promise<void> {
    const given = messageId ?? (this.parts.options.chance.uuid() as MessageId);
    return call(this.parts, namespace, id, { kind: 'terminate', at: 0, id: given, reason });
  }

  /** Merges attributes in; null removes one. Resolves as `signal` does. */
  amend(
    namespace: string,
    id: string,
    changes: AmendMessage['changes'],
    messageId: MessageId,
  ): Promise<Held | undefined> {
    return call(this.parts, namespace, id, { kind: 'amend', at: 0, id: messageId, changes });
  }

  /** Skips a pending task's backoff, or gives its outcome. NOT_FOUND where the command is no pending task. */
  overrideTask(
    namespace: string,
    id: string,
    override: Pick<TaskOverrideMessage, 'command' | 'action' | 'payload'>,
    messageId: MessageId,
  ): Promise<void> {
    return call(this.parts, namespace, id, { kind: 'task-override', at: 0, id: messageId, ...override });
  }

  /** Resolves with the outcome; rejects where it is refused or unknown. */
  update(namespace: string, id: string, name: string, payload: Payload, messageId: MessageId): Promise<Payload> {
    const { reply, outcome } = awaitUpdate(this.parts, namespace, id, messageId);
    const message = { kind: 'update', at: 0, id: messageId, name, payload } as const;
    enter(this.parts, namespace, id, message, reply);
    return outcome;
  }

  /** Resolves when the update has passed its validator and is durable. */
  startUpdate(namespace: string, id: string, name: string, payload: Payload, messageId: MessageId): Promise<void> {
    return call(this.parts, namespace, id, { kind: 'update', at: 0, id: messageId, name, payload });
  }

  /** What became of an update that was accepted, after the end of the execution too; waits while its handler runs. */
  updateOutcome(namespace: string, id: string, messageId: MessageId, abort?: AbortSignal): Promise<Payload> {
    return updateOutcome(this.parts, namespace, id, messageId, abort).catch(rethrowSilence);
  }

  /** Answers from committed state; `atTurn` from a side instance as of that turn. */
  query(namespace: string, id: string, name: string, input: Payload, atTurn?: number): Promise<Payload> {
    return query(this.parts, namespace, id, name, input, atTurn).catch(rethrowSilence);
  }

  /**
   * Lets a held execution go on in the same run; gives one that failed, timed out or was terminated another run from
   * its failure, or from its start. Resolves when that is durable.
   */
  retry(namespace: string, id: string, from: RetryFrom = 'failure'): Promise<Pick<RunRow, 'runId'>> {
    return retry(this.parts, namespace, id, from).catch(rethrowSilence);
  }

  /** Deletes an execution that has ended, with all its runs: its id is free. ALREADY_RUNNING where it has not. */
  remove(namespace: string, id: string): Promise<void> {
    return removeExecution(this.parts, namespace, id).catch(rethrowSilence);
  }

  /** Resolves when the execution has ended. */
  result(namespace: string, id: string, abort?: AbortSignal): Promise<Closed> {
    return awaitResult(this.parts, namespace, id, abort).catch(rethrowSilence);
  }

  /** The row of the run in memory, as of its start; undefined where the execution is not in it. */
  runOf(namespace: string, id: string): RunRow | undefined {
    return this.parts.residents.at(namespace, id)?.actor?.state.run;
  }

  /** What only memory knows; undefined where the execution is not in it. */
  glimpse(namespace: string, id: string): Glimpse | undefined {
    return glimpse(this.parts, namespace, id);
  }

  /** As `glimpse`, and never of a turn that is not durable; reads the execution if it is not in memory. */
  async glimpseCommitted(namespace: string, id: string): Promise<Glimpse | undefined> {
    await settledResident(this.parts, namespace, id).catch(rethrowSilence);
    return this.glimpse(namespace, id);
  }

  /**
   * The last committed turn of an open execution, once it is another than `after`; undefined when the execution has
   * ended or is held, and so has no next one. An abort rejects with its reason.
   */
  async turn(
    namespace: string,
    id: string,
    after?: { readonly runId: string; readonly turn: number },
    abort?: AbortSignal,
  ): Promise<{ readonly runId: string; readonly turn: number } | undefined> {
    for (;;) {
      const actor = (await settledResident(this.parts, namespace, id).catch(rethrowSilence))?.actor;
      if (!actor || actor.dropped) return undefined;
      const { runId } = actor.state.run;
      if (runId !== after?.runId || actor.seq !== after.turn) return { runId, turn: actor.seq };
      await settledOrAborted(actor, abort);
    }
  }

  /** Rows that became durable in the inbox of an execution of this node. */
  receive(row: InboxRow, namespace: string, id: string): void {
    let message: Message;
    try {
      message = decodeMessage(row.message);
    } catch (error) {
      // Its receiver is held for it, when it reads its inbox.
      this.parts.options.log.write('error', 'an inbox row cannot be read', { executionId: id, error: String(error) });
      const resident = this.parts.residents.at(namespace, id);
      if (resident?.actor) resident.actor.coroutine.fault = error as DfnsError;
      else void settledResident(this.parts, namespace, id).catch(() => undefined);
      return;
    }
    this.parts.deliver(namespace, id, { message, inbox: row, reply: null });
  }

  /** Deletes rows of one receiver that is no more: nobody else would ever take them. */
  dropRows(rows: readonly InboxRow[]): void {
    dropRows(this.parts, rows);
  }

  /** Where an execution in memory is, by its number. */
  residentOf(eid: Eid): Resident | undefined {
    return this.parts.residents.byEid(eid);
  }

  /**
   * Takes no new calls and starts no bodies; resolves when the bodies in hand have ended, with their outcomes durable,
   * or at `until`.
   */
  async drain(until: number): Promise<void> {
    const { parts } = this;
    parts.draining = true;
    let timer: { cancel(): void } | undefined;
    await Promise.race([
      this.#turnsInHand().then(() => parts.bodies.idle()),
      new Promise<void>(resolve => (timer = parts.options.clock.setTimer(until, resolve))),
    ]);
    timer?.cancel();
  }

  /** Resolves when those are committed, or the store is silent: what one of them journals as begun begins. */
  async #turnsInHand(): Promise<void> {
    const { clock } = this.parts.options;
    for (let hops = 0; hops < ROUND_HOPS; hops++) await new Promise<void>(resolve => clock.hop(resolve));
    await this.parts.committer.idle(SILENT_MS);
  }

  /**
   * Ends all turns in hand and brings rows up to date; takes nothing new. Bodies in hand are aborted. false: the store
   * answered nothing for `patienceMs` (default: it is waited for), and what was on its way to it may or may not land.
   */
  async stop(patienceMs?: number): Promise<boolean> {
    const { parts } = this;
    parts.stopping = true;
    let stored = await parts.committer.idle(patienceMs);
    for (const resident of [...parts.residents.all()]) {
      const { actor } = resident;
      if (stored && actor && !actor.dropped && actor.wakeAt !== undefined && actor.stale) writeRow(parts, actor, false);
    }
    stored &&= await parts.committer.idle(patienceMs);
    this.kill();
    parts.bodies.abortAll(stopping());
    parts.tracing?.stop();
    return stored;
  }

  /** Ends at once, as a crash does: nothing is written, nobody is told but callers of this process. */
  kill(): void {
    const { parts } = this;
    parts.stopping = true;
    parts.ticker.stop();
    parts.committer.stop();
    parts.timers.clear();
    for (const resident of [...parts.residents.all()]) {
      if (resident.actor) refuseAll(resident.actor.abandon(), stopping());
      refuseAll(resident.mail.splice(0), stopping());
      refuseAll([...resident.accepting], stopping());
      for (const settled of resident.settled.splice(0)) settled(stopping());
      for (const settled of resident.actor?.whenSettled?.splice(0) ?? []) settled();
      parts.residents.remove(resident);
      resident.actor = null;
      endStart(parts, resident)?.settle({ kind: 'fenced' });
    }
    for (const resident of [...parts.aside]) endStart(parts, resident)?.settle({ kind: 'fenced' });
    parts.callers.failAll(stopping());
    for (const shard of parts.owned.keys()) parts.metering?.disowned(shard);
  }
}
