import type { Actor, TurnInHand } from '../actor/actor.ts';
import { refuseAll } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import { BOUNDS } from '../bounds.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Attributes } from '../execution/attributes.ts';
import type { RunRow } from '../execution/execution.ts';
import { isOpen } from '../execution/status.ts';
import type { Waiting } from '../execution/waiting.ts';
import { shardOf } from '../ids/address.ts';
import { eidOf, EIDS_PER_ORDINAL, type Eid, type Epoch, type MessageId, type ShardId } from '../ids/ids.ts';
import { encodeCarry } from '../journal/carry.ts';
import { decodeMessage } from '../journal/record.ts';
import { isOfExecution, type Message } from '../message/message.ts';
import { decodeError } from '../payload/error-payload.ts';
import type { Payload } from '../payload/payload.ts';
import type { ActorCommit, CommitVerdict } from '../ports/store/commit.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import { carryOn } from '../state/carry.ts';
import type { KnownUpdate } from '../state/dedupe.ts';
import { activate, ORDINARY, type WakeReason } from './activation.ts';
import { notFound, stopping, storeSilent, unavailable } from './answers.ts';
import { newActor, newCoroutine } from './birth.ts';
import { Bodies, completion } from './bodies.ts';
import { Callers, type Closed } from './callers.ts';
import { Committer } from './committer.ts';
import { compact } from './compaction.ts';
import { deliverHeld, holdActor } from './holding.ts';
import type { EngineOptions, Started, StartRequest } from './options.ts';
import type { EngineParts, OwnedShard } from './parts.ts';
import { answerQuery, sideInstance } from './query.ts';
import { releaseTurn } from './release.ts';
import { newResident, Residents, type Resident } from './residents.ts';
import { Resting } from './resting.ts';
import { SingleStarts } from './single-starts.ts';
import { sentRow, stamp } from './stamp.ts';
import { mayReuse, nextRun, startExecution, undoStart, type StartHost, type StartInHand } from './starting.ts';
import { Ticker } from './ticker.ts';
import { Timers } from './timers.ts';
import { listColumns, turnWrite, wakeAtOf, type WriteContext } from './turn-write.ts';

/** What is known of an execution in memory, beyond its row. */
export interface Glimpse {
  readonly runId: RunRow['runId'];
  readonly workflow: string;
  readonly version: number;
  readonly attributes: Attributes | null;
  readonly details: string | null;
  readonly waiting: readonly Waiting[];
  readonly turns: number;
  readonly bytes: number;
}

/**
 * Runs the executions of the shards a node owns: takes their messages, gives them their turns, commits those in groups
 * and lets out what they asked for. It does no I/O of its own.
 */
export class Engine implements StartHost {
  readonly parts: EngineParts;
  readonly started = new Map<Resident, StartInHand>();
  #eids = 0;

  constructor(options: EngineOptions) {
    const timers = new Timers(options.clock);
    this.parts = {
      options,
      owned: new Map(),
      residents: new Residents(),
      callers: new Callers(),
      timers,
      bodies: new Bodies((eid, attempt) =>
        this.#offer(eid, completion(attempt.command, attempt.number, attempt.outcome!)),
      ),
      committer: new Committer(options.store, options.incarnation, options.ordinal, options.clock, options.log),
      ticker: new Ticker(options.clock, options.messagesPerTurn ?? 1_000, actors => this.#collect(actors)),
      resting: new Resting(timers, {
        now: () => options.clock.now(),
        settle: actor => {
          this.#writeRow(actor, false);
          void compact(this.parts, actor);
        },
        passivate: actor => this.#writeRow(actor, true),
        passivateAfterMs: options.passivateAfterMs,
        residents: options.residents ?? BOUNDS.residents,
      }),
      singles: new SingleStarts(timers, () => options.clock.now()),
      environment: {
        now: () => options.clock.now(),
        chance: () => options.chance.random(),
        sendRow: (actor, command, number) => this.#sendRow(actor, command, number),
      },
      stopping: false,
      draining: false,
      nextEid: () => this.#nextEid(),
      ready: actor => {
        if (!this.parts.owned.get(actor.state.run.shard)?.resyncing) this.parts.ticker.ready(actor);
      },
      faulted: actor => {
        if (!actor.queued && !actor.committing && !actor.dropped) this.#holdIfFaulted(actor);
      },
      lost: (resident, verdict) => this.#lost(resident, verdict),
      lostActor: (actor, verdict) => {
        const resident = this.parts.residents.byEid(actor.state.run.eid);
        if (resident) this.#lost(resident, verdict);
      },
    };
  }

  // --- Shards

  /** The node owns the shard from now on. */
  own(shard: ShardId, epoch: Epoch, highestAccepted: number): void {
    this.parts.owned.set(shard, { shard, epoch, accepted: highestAccepted, resyncing: false });
  }

  /** The shard is another's: its actors go, its callers try elsewhere. Bodies in hand are left alone. */
  disown(shard: ShardId): void {
    this.parts.owned.delete(shard);
    this.#dropShard(shard, mail => refuseAll(mail, unavailable()));
  }

  /** Looks after an execution that is due, or was in hand at its dead owner, or is held and may go on. */
  wake(namespace: string, id: string, eid: Eid, reason: WakeReason = ORDINARY): void {
    const there = this.parts.residents.at(namespace, id);
    if (there?.loading) return void this.#wakeAfter(there, eid, reason);
    if (there?.actor || (there?.held && !reason.retry)) return;
    const resident = there ?? newResident(namespace, id, shardOf(namespace, id, this.parts.options.shards));
    resident.eid = eid;
    void activate(this.parts, resident, reason);
  }

  /** What is being read or started may turn out to be another run, or nothing: then this one is woken after all. */
  async #wakeAfter(there: Resident, eid: Eid, reason: WakeReason): Promise<void> {
    const { residents } = this.parts;
    const { namespace, id } = there;
    let at: Resident | undefined = there;
    while (at && !this.parts.stopping) {
      const current = at.actor?.state;
      if (!at.loading && !current?.ending) return;
      if (!at.loading && current?.run.eid === eid) return;
      await this.#settled(at);
      at = residents.at(namespace, id);
    }
    if (!this.parts.stopping) this.wake(namespace, id, eid, reason);
  }

  /** As `wake`, of an execution that was just read. Resolves when it is in memory, or need not be. */
  async wakeLoaded(loaded: LoadedRun, reason: WakeReason = ORDINARY): Promise<void> {
    const { residents, options } = this.parts;
    const { namespace, id, eid } = loaded.run;
    const there = residents.at(namespace, id);
    if (there?.loading) return this.#wakeAfter(there, eid, reason);
    if (there?.actor || (there?.held && !reason.retry)) return;
    const resident = there ?? newResident(namespace, id, shardOf(namespace, id, options.shards));
    resident.eid = eid;
    await activate(this.parts, resident, reason, loaded);
  }

  // --- What clients ask for

  start(request: StartRequest): Promise<Started> {
    if (this.parts.stopping || this.parts.draining) return Promise.reject(stopping());
    return startExecution(this, request).catch(rethrowSilence);
  }

  /** Resolves when the signal is durable. */
  signal(namespace: string, id: string, name: string, payload: Payload, messageId: MessageId): Promise<void> {
    return this.#call(namespace, id, { kind: 'signal', at: 0, id: messageId, sender: 0, number: 0, name, payload });
  }

  cancel(namespace: string, id: string, reason: string | null, messageId: MessageId): Promise<void> {
    return this.#call(namespace, id, { kind: 'cancel', at: 0, id: messageId, reason });
  }

  terminate(namespace: string, id: string, reason: string | null, messageId?: MessageId): Promise<void> {
    const given = messageId ?? (this.parts.options.chance.uuid() as MessageId);
    return this.#call(namespace, id, { kind: 'terminate', at: 0, id: given, reason });
  }

  /** Resolves with the outcome; rejects where it is refused or unknown. */
  update(namespace: string, id: string, name: string, payload: Payload, messageId: MessageId): Promise<Payload> {
    const outcome = new Promise<KnownUpdate | Error>(resolve => this.parts.callers.awaitUpdate(messageId, resolve));
    this.#deliver(namespace, id, {
      message: { kind: 'update', at: 0, id: messageId, name, payload },
      inbox: null,
      reply: {
        accepted: () => {
          const known = this.parts.residents.at(namespace, id)?.actor?.state.dedupe.get(messageId)?.outcome;
          if (known) this.parts.callers.answered(messageId, known);
        },
        refused: error => this.parts.callers.answered(messageId, error),
      },
    });
    return outcome.then(known => {
      if (known instanceof Error) throw known;
      if (known.ok) return known.payload;
      const error = decodeError(known.payload);
      if (error instanceof DfnsError && error.code === 'CLOSED') throw error;
      throw new DfnsError('UPDATE_FAILED', error.message, { cause: error });
    });
  }

  /** Answers from committed state; `atTurn` from a side instance as of that turn. */
  query(namespace: string, id: string, name: string, input: Payload, atTurn?: number): Promise<Payload> {
    return this.#query(namespace, id, name, input, atTurn).catch(rethrowSilence);
  }

  async #query(
    namespace: string,
    id: string,
    name: string,
    input: Payload,
    atTurn: number | undefined,
  ): Promise<Payload> {
    const { options, residents } = this.parts;
    const resident = await this.#settledResident(namespace, id);
    const answer = async () => {
      const actor = resident?.actor;
      if (actor && !actor.dropped && atTurn === undefined) {
        const workflow = options.workflows.get(actor.state.run.workflow, actor.state.run.version);
        return answerQuery(actor.coroutine, workflow, name, input);
      }
      const run = await options.store.current(namespace, id);
      if (!run) throw notFound(namespace, id);
      const side = await sideInstance(options, run.eid, atTurn, atTurn === undefined && run.held !== null);
      return answerQuery(side.coroutine, side.workflow, name, input);
    };
    const actor = resident?.actor;
    if (actor && atTurn === undefined && (actor.committing || actor.queued || actor.turnInHand)) {
      await new Promise<void>(resolve => (actor.whenSettled ??= []).push(resolve));
      if (actor.dropped || residents.at(namespace, id)?.actor !== actor) return this.#query(namespace, id, name, input, atTurn);
    }
    const result = await answer();
    this.#assertServes(namespace, id);
    return result;
  }

  /** Lets a held execution go on in the same run; clears its crash counts. */
  async retryHeld(namespace: string, id: string): Promise<void> {
    const resident = await this.#settledResident(namespace, id);
    if (!resident?.held) {
      if (!resident) throw notFound(namespace, id);
      throw new DfnsError('NOT_RETRYABLE', `The execution "${id}" is not held.`);
    }
    const { eid } = resident.held;
    this.parts.bodies.forgetFinished(eid);
    resident.held = null;
    await activate(this.parts, resident, { crashed: false, retry: true });
    // Durable once the turn that says so is.
    await this.#settled(resident);
    if (resident.held) {
      const { held } = resident.held as NonNullable<Resident['held']>;
      throw new DfnsError('NOT_RETRYABLE', `The execution "${id}" is held again (${held.code}): ${held.message}`);
    }
  }

  /** Resolves when the execution has ended. */
  result(namespace: string, id: string, abort?: AbortSignal): Promise<Closed> {
    const { callers, options } = this.parts;
    return new Promise<Closed>((resolve, reject) => {
      const key = newResident(namespace, id, 0 as ShardId).key;
      const aborted = () => fail(abort?.reason);
      const forget = callers.awaitEnd(key, end => {
        abort?.removeEventListener('abort', aborted);
        if (end instanceof Error) reject(end);
        else resolve(end);
      });
      const fail = (error: unknown) => {
        forget();
        abort?.removeEventListener('abort', aborted);
        reject(error);
      };
      if (this.parts.stopping) return fail(stopping());
      if (abort?.aborted) return fail(abort.reason);
      abort?.addEventListener('abort', aborted, { once: true });
      const resident = this.parts.residents.at(namespace, id);
      if (resident && (resident.actor || resident.held) && !resident.actor?.state.ending) return;
      options.store.current(namespace, id).then(
        run => {
          if (!run) {
            if (!this.parts.residents.at(namespace, id)) fail(notFound(namespace, id));
          } else if (!isOpen(run.status) && run.status !== 'continued-as-new') {
            forget();
            abort?.removeEventListener('abort', aborted);
            resolve({ status: run.status as Closed['status'], output: run.output, runId: run.runId });
          }
        },
        (error: unknown) => fail(new DfnsError('UNAVAILABLE', 'The store did not answer.', { cause: error })),
      );
    });
  }

  /** What only memory knows; undefined where the execution is not in it. */
  glimpse(namespace: string, id: string): Glimpse | undefined {
    const actor = this.parts.residents.at(namespace, id)?.actor;
    if (!actor || actor.dropped) return undefined;
    const { run, attributes, details } = actor.state;
    const { runId, workflow, version } = run;
    return {
      runId,
      workflow,
      version,
      attributes,
      details,
      waiting: actor.state.waiting(),
      turns: actor.seq,
      bytes: actor.bytes,
    };
  }

  /** As `glimpse`, and never of a turn that is not durable. */
  async glimpseCommitted(namespace: string, id: string): Promise<Glimpse | undefined> {
    const resident = this.parts.residents.at(namespace, id);
    if (resident) await this.#settled(resident);
    return this.glimpse(namespace, id);
  }

  /**
   * The last committed turn of an open execution, once it is another than `after`; undefined when the execution has
   * ended or is held, and so has no next one.
   */
  async turn(
    namespace: string,
    id: string,
    after?: { readonly runId: string; readonly turn: number },
  ): Promise<{ readonly runId: string; readonly turn: number } | undefined> {
    for (;;) {
      const actor = (await this.#settledResident(namespace, id))?.actor;
      if (!actor || actor.dropped) return undefined;
      const { runId } = actor.state.run;
      if (runId !== after?.runId || actor.seq !== after.turn) return { runId, turn: actor.seq };
      await new Promise<void>(resolve => (actor.whenSettled ??= []).push(resolve));
    }
  }

  /** Rows that became durable in the inbox of an execution of this node. */
  receive(row: InboxRow, namespace: string, id: string): void {
    this.#deliver(namespace, id, { message: decodeMessage(row.message), inbox: row, reply: null });
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
      parts.bodies.idle(),
      new Promise<void>(resolve => (timer = parts.options.clock.setTimer(until, resolve))),
    ]);
    timer?.cancel();
  }

  /** Ends all turns in hand and brings rows up to date; takes nothing new. Bodies in hand are aborted. */
  async stop(): Promise<void> {
    const { parts } = this;
    parts.stopping = true;
    await parts.committer.idle();
    for (const resident of [...parts.residents.all()]) {
      const { actor } = resident;
      if (actor && !actor.dropped && actor.wakeAt !== undefined && actor.stale && !actor.committing)
        this.#writeRow(actor, false);
    }
    await parts.committer.idle();
    this.kill();
    parts.bodies.abortAll(stopping());
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
      for (const settled of resident.settled.splice(0)) settled();
      for (const settled of resident.actor?.whenSettled?.splice(0) ?? []) settled();
    }
    parts.callers.failAll(stopping());
  }

  // --- Delivery

  #call(namespace: string, id: string, message: Message): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#deliver(namespace, id, { message, inbox: null, reply: { accepted: resolve, refused: reject } }),
    );
  }

  #deliver(namespace: string, id: string, delivery: Delivery): void {
    const { parts } = this;
    if (parts.stopping || (parts.draining && delivery.reply)) return refuseAll([delivery], stopping());
    const shard = shardOf(namespace, id, parts.options.shards);
    if (!parts.owned.has(shard)) return refuseAll([delivery], unavailable());
    let resident = parts.residents.at(namespace, id);
    if (resident?.actor) {
      const { actor } = resident;
      if (delivery.reply && actor.mailbox.size >= BOUNDS.mailboxMessages) {
        return refuseAll([delivery], new DfnsError('OVERLOADED', `The mailbox of "${id}" is full.`));
      }
      if (actor.state.ending) {
        // Its last turn is at the store: what comes now is for the next run, or for nobody.
        resident.mail.push(delivery);
        return;
      }
      actor.mailbox.put(delivery);
      return parts.ready(actor);
    }
    if (resident?.loading) {
      resident.mail.push(delivery);
      return;
    }
    if (resident?.held) return deliverHeld(parts, resident, delivery);
    resident ??= newResident(namespace, id, shard);
    resident.mail.push(delivery);
    void activate(parts, resident, ORDINARY);
  }

  redeliver(resident: Resident): void {
    for (const settled of resident.settled.splice(0)) settled();
    for (const delivery of resident.mail.splice(0)) this.#deliver(resident.namespace, resident.id, delivery);
  }

  /** A body's outcome, to its actor; one that is not in memory is read. */
  #offer(eid: Eid, message: Message): void {
    const { parts } = this;
    if (parts.stopping) return;
    const resident = parts.residents.byEid(eid);
    if (resident?.actor) {
      resident.actor.mailbox.put({ message, inbox: null, reply: null });
      parts.ready(resident.actor);
    } else if (!resident) void this.#readBack(eid);
  }

  async #readBack(eid: Eid): Promise<void> {
    const [loaded] = await this.parts.options.store.load([eid]);
    if (loaded && isOpen(loaded.run.status)) this.wake(loaded.run.namespace, loaded.run.id, eid);
  }

  // --- Turns

  #collect(actors: readonly Actor[]): void {
    const { parts } = this;
    for (const actor of actors) {
      if (actor.dropped) continue;
      const resident = parts.residents.byEid(actor.state.run.eid) ?? this.#starting(actor);
      if (!resident || resident.actor !== actor) continue;
      if (this.#holdIfFaulted(actor, resident)) continue;
      const turn = actor.collect();
      if (!turn) this.#settle(actor);
      else this.commitTurn(resident, turn);
    }
    parts.committer.flush();
  }

  #starting(actor: Actor): Resident | undefined {
    for (const resident of this.started.keys()) if (resident.actor === actor) return resident;
    return undefined;
  }

  commitTurn(resident: Resident, turn: TurnInHand): void {
    const { parts } = this;
    const actor = resident.actor!;
    const { run } = actor.state;
    const owned = parts.owned.get(run.shard);
    if (!owned || owned.resyncing) {
      this.#dropResident(resident, mail => this.#deliverAll(resident, mail));
      return;
    }
    if (turn.seq > (parts.options.journalTurns ?? BOUNDS.journalHoldTurns) && !actor.state.ending) {
      actor.coroutine.fault = new DfnsError(
        'LIMIT_EXCEEDED',
        `The journal of the run has ${actor.seq} turns. Use ctx.continueAsNew, or allow more with journalTurns.`,
      );
      this.#holdIfFaulted(actor, resident);
      return;
    }
    if (turn.deletes.length > 0) this.#deleteRows(actor, owned, turn);
    if (turn.messages.length === 0) {
      // Nothing to journal: refused, moot or known before.
      actor.committed();
      releaseTurn(parts, actor, turn);
      return this.#settle(actor);
    }
    actor.committing = true;
    const next = this.#nextRun(actor);
    const start = this.started.get(resident);
    const opening = start ? this.#opening(run, start) : null;
    const settled = (verdict: CommitVerdict) => this.#committed(resident, actor, turn, next, verdict);
    const context = { epoch: owned.epoch, build: parts.options.build, next };
    if (opening && next) {
      // A commit inserts one run: this one's row first, then its only turn with the row of the next.
      const row = { ...run, wakeAt: 0 };
      const entry = { shard: run.shard, epoch: owned.epoch, eid: run.eid, prevSeq: 0, insert: row, ...opening };
      return this.#write(resident, actor, entry, verdict => {
        if (verdict.kind !== 'done' || actor.dropped) return this.#committed(resident, actor, turn, next, verdict);
        actor.wakeAt = 0;
        this.#write(resident, actor, turnWrite(actor, turn, { ...context, opening: null }), settled);
      });
    }
    this.#write(resident, actor, turnWrite(actor, turn, { ...context, opening }), settled);
  }

  #opening(run: RunRow, { request, expect }: StartInHand): NonNullable<WriteContext['opening']> {
    const { idempotency } = request;
    if (!idempotency) return { current: { expect } };
    const row = {
      namespace: run.namespace,
      key: `start/${run.workflow}/${idempotency.key}`,
      hash: idempotency.hash,
      eid: run.eid,
      expiresAt: this.parts.options.clock.now() + BOUNDS.idempotencyMs,
    };
    return { current: { expect }, idempotency: row };
  }

  #write(resident: Resident, actor: Actor, entry: ActorCommit, settled: (verdict: CommitVerdict) => void): void {
    const { committer } = this.parts;
    committer.write(entry, verdict => {
      const start = this.started.get(resident);
      if (verdict.kind !== 'exists' || !start || isOpen(verdict.status) || !mayReuse(start.request, verdict.status)) {
        return settled(verdict);
      }
      // The id is free to be used again: the same write, on the run that was there.
      start.expect = verdict.eid;
      this.#write(resident, actor, { ...entry, current: { expect: verdict.eid } }, settled);
    });
  }

  #committed(resident: Resident, actor: Actor, turn: TurnInHand, next: RunRow | null, verdict: CommitVerdict): void {
    const { parts } = this;
    const start = this.started.get(resident);
    if (actor.dropped) {
      start?.settle(verdict);
      this.started.delete(resident);
      return;
    }
    actor.committing = false;
    if (start) {
      this.started.delete(resident);
      resident.loading = false;
      if (verdict.kind === 'exists' || verdict.kind === 'duplicate') {
        undoStart(this, resident);
        return start.settle(verdict);
      }
      if (verdict.kind === 'done') {
        const there = parts.residents.at(resident.namespace, resident.id);
        if (there && there !== resident && (next || !actor.state.ending)) {
          this.#yield(resident, actor, there, next?.eid ?? actor.state.run.eid);
          return start.settle(verdict);
        }
        if (!there) parts.residents.put(resident);
      }
    }
    if (verdict.kind !== 'done') {
      this.#lost(resident, verdict);
      return start?.settle(verdict);
    }
    actor.committed();
    actor.unhold = false;
    releaseTurn(parts, actor, turn);
    start?.settle(verdict);
    if (actor.state.ending) return this.#ended(resident, actor, next);
    if (start) for (const settled of resident.settled.splice(0)) settled();
    parts.resting.active(actor);
    this.#settle(actor);
  }

  /**
   * The id came into memory otherwise while its start was at the store: who is there goes on with what is stored, and
   * the actor that carried out the start does not.
   */
  #yield(resident: Resident, actor: Actor, there: Resident, eid: Eid): void {
    const rest = actor.abandon();
    this.parts.resting.gone(actor);
    resident.actor = null;
    this.#deliverAll(there, rest);
    // What is being read is a run that has ended: it is read again.
    if (there.loading && !this.started.has(there)) this.parts.residents.renumber(there, eid);
    void this.#wakeAfter(there, eid, ORDINARY);
  }

  /** The actor stands on committed state: queries are answered, then the next messages taken. */
  #settle(actor: Actor): void {
    const { whenSettled } = actor;
    if (whenSettled) {
      actor.whenSettled = null;
      for (const settled of whenSettled) settled();
    }
    if (actor.dropped || this.#holdIfFaulted(actor)) return;
    this.parts.ready(actor);
  }

  #ended(resident: Resident, actor: Actor, next: RunRow | null): void {
    const { parts } = this;
    const { run, ending } = actor.state;
    // Timers and completions are of this run: the next one numbers its commands anew.
    const rest = actor.abandon().filter(({ message }) => isOfExecution(message));
    parts.resting.gone(actor);
    const { whenSettled } = actor;
    resident.actor = null;
    if (actor.state.runningUpdates > 0) {
      const lost = new DfnsError('CLOSED', `The execution "${run.id}" ended before the update was done.`);
      for (const id of actor.state.updates.keys()) parts.callers.answered(id, lost);
    }
    if (next) {
      const workflow = parts.options.workflows.get(next.workflow, next.version);
      parts.residents.renumber(resident, next.eid);
      resident.mail.unshift(...rest);
      if (!workflow) {
        void activate(parts, resident, ORDINARY);
      } else {
        const follower = newActor(parts, newCoroutine(parts.options, next, workflow), 0, workflow);
        follower.wakeAt = next.wakeAt;
        follower.taken = actor.taken;
        resident.actor = follower;
        follower.mailbox.put({
          message: { kind: 'start', at: 0, attributes: next.attributes },
          inbox: null,
          reply: null,
        });
        for (const delivery of resident.mail.splice(0)) follower.mailbox.put(delivery);
        parts.resting.active(follower);
        parts.ready(follower);
      }
    } else {
      parts.residents.remove(resident);
      resident.mail.unshift(...rest);
      const { status, output } = ending as Extract<typeof ending, { output: unknown }>;
      parts.callers.ended(resident.key, { status, output, runId: run.runId });
      this.redeliver(resident);
    }
    for (const settled of whenSettled ?? []) settled();
  }

  #nextRun(actor: Actor): RunRow | null {
    const { state } = actor;
    if (state.ending?.status !== 'continued-as-new') return null;
    const { version, input } = state.ending;
    const carried = carryOn(state);
    return nextRun(this.parts, state.run, version ?? state.run.version, {
      input,
      carry: carried && encodeCarry(carried),
      attributes: state.attributes,
      details: state.details,
    });
  }

  #deleteRows(actor: Actor, owned: OwnedShard, turn: TurnInHand): void {
    const { run } = actor.state;
    this.parts.committer.write(
      { shard: run.shard, epoch: owned.epoch, eid: run.eid, prevSeq: actor.seq, takes: turn.deletes },
      // Where it fails the row is read again, known again and deleted then.
      () => undefined,
    );
  }

  #holdIfFaulted(actor: Actor, resident = this.parts.residents.byEid(actor.state.run.eid)): boolean {
    if (!actor.coroutine.fault || resident?.actor !== actor) return false;
    const start = this.started.get(resident);
    this.started.delete(resident);
    holdActor(this.parts, resident, actor, start?.settle);
    return true;
  }

  #sendRow(actor: Actor, command: number, number: number): InboxRow {
    const { run } = actor.state;
    const send = actor.state.pending.get(command);
    if (send?.kind !== 'send' || !send.receiver) throw new DfnsError('INTERNAL', `Command ${command} sends nothing.`);
    const { receiver } = send;
    const now = this.parts.options.clock.now();
    const owned = this.parts.owned.get(receiver.shard);
    const accepted = owned ? stamp(owned, now) : Math.floor(now);
    return sentRow(run, number, receiver, accepted, {
      kind: 'signal',
      at: now,
      id: null,
      sender: run.first,
      number,
      name: send.name,
      payload: send.payload,
    });
  }

  #nextEid(): Eid {
    if (this.#eids === EIDS_PER_ORDINAL) {
      throw new DfnsError('LIMIT_EXCEEDED', 'This node start has used up its numbers. Restart it to get new ones.');
    }
    return eidOf(this.parts.options.ordinal, this.#eids++);
  }

  // --- Rows of idle actors

  #writeRow(actor: Actor, leave: boolean): void {
    const { parts } = this;
    const { run } = actor.state;
    const resident = parts.residents.byEid(run.eid);
    const owned = parts.owned.get(run.shard);
    if (!owned || resident?.actor !== actor || actor.committing || actor.queued || actor.dropped) return;
    const wakeAt = wakeAtOf(actor.state);
    if (!actor.stale && actor.wakeAt === wakeAt) {
      if (leave) this.#leave(resident, actor, wakeAt);
      return;
    }
    actor.committing = true;
    actor.wakeAt = wakeAt;
    actor.stale = false;
    parts.committer.write(
      {
        shard: run.shard,
        epoch: owned.epoch,
        eid: run.eid,
        prevSeq: actor.seq,
        update: { ...listColumns(actor), wakeAt },
      },
      verdict => {
        if (actor.dropped) return;
        actor.committing = false;
        if (verdict.kind !== 'done') return this.#lost(resident, verdict);
        if (leave && actor.mailbox.size === 0) this.#leave(resident, actor, wakeAt);
        else this.#settle(actor);
      },
    );
    parts.committer.flush();
  }

  /** The actor leaves memory, unless the due scan may have passed its time already: then nobody would look again. */
  #leave(resident: Resident, actor: Actor, wakeAt: number | null): void {
    const { parts } = this;
    if (wakeAt !== null && wakeAt <= parts.options.dueScanned()) return this.#settle(actor);
    const waiting = actor.abandon();
    resident.actor = null;
    parts.resting.gone(actor);
    parts.residents.remove(resident);
    if (wakeAt !== null) parts.options.passivated?.(wakeAt);
    this.#deliverAll(resident, waiting);
    for (const settled of actor.whenSettled?.splice(0) ?? []) settled();
  }

  // --- Trouble

  #lost(resident: Resident, verdict: CommitVerdict): void {
    const { parts } = this;
    if (verdict.kind === 'fenced') {
      parts.options.fenced(resident.shard);
      return this.disown(resident.shard);
    }
    parts.options.log.write('error', 'the store has another history than memory: the shard is read anew', {
      shard: resident.shard,
      executionId: resident.id,
      verdict: verdict.kind,
    });
    void this.#resync(resident.shard);
  }

  /** Epoch + 1 with nothing else of the shard in flight; all its actors are read anew. */
  async #resync(shard: ShardId): Promise<void> {
    const { parts } = this;
    const owned = parts.owned.get(shard);
    if (!owned || owned.resyncing) return;
    owned.resyncing = true;
    const waiting: { readonly resident: Resident; readonly mail: Delivery[] }[] = [];
    this.#dropShard(shard, (mail, resident) => waiting.push({ resident, mail }));
    await parts.committer.idle();
    for (;;) {
      try {
        const epoch = await parts.options.store.resync(shard, owned.epoch, parts.options.incarnation);
        if (parts.stopping || parts.owned.get(shard) !== owned) break;
        if (epoch === undefined) {
          parts.options.fenced(shard);
          this.disown(shard);
          break;
        }
        owned.epoch = epoch;
        owned.resyncing = false;
        break;
      } catch (error) {
        parts.options.log.write('warn', 'resync failed', { shard, error: String(error) });
        const { clock } = parts.options;
        await new Promise<void>(resolve => clock.setTimer(clock.now() + 100, resolve));
        if (parts.stopping) break;
      }
    }
    for (const { resident, mail } of waiting) {
      this.#deliverAll(resident, mail);
      if (resident.eid !== null) this.wake(resident.namespace, resident.id, resident.eid);
    }
  }

  #dropShard(shard: ShardId, waiting: (mail: Delivery[], resident: Resident) => void): void {
    for (const resident of this.parts.residents.ofShard(shard)) this.#dropResident(resident, waiting);
  }

  #dropResident(resident: Resident, waiting: (mail: Delivery[], resident: Resident) => void): void {
    const { actor } = resident;
    this.parts.residents.remove(resident);
    const start = this.started.get(resident);
    if (start && !actor?.committing) {
      this.started.delete(resident);
      start.settle({ kind: 'fenced' });
    }
    const mail = [...(actor?.abandon() ?? []), ...resident.mail.splice(0)];
    if (actor) this.parts.resting.gone(actor);
    resident.actor = null;
    waiting(mail, resident);
    for (const settled of resident.settled.splice(0)) settled();
    for (const settled of actor?.whenSettled?.splice(0) ?? []) settled();
  }

  /** Gives mail of a dropped actor to whoever is its home now: what came from outside; the node sends its own again. */
  #deliverAll(resident: Resident, mail: readonly Delivery[]): void {
    for (const delivery of mail) {
      if (delivery.reply) this.#deliver(resident.namespace, resident.id, delivery);
    }
  }

  async #settledResident(namespace: string, id: string): Promise<Resident | undefined> {
    const { parts } = this;
    if (parts.stopping) throw stopping();
    const shard = shardOf(namespace, id, parts.options.shards);
    if (!parts.owned.has(shard)) throw unavailable();
    let resident = parts.residents.at(namespace, id);
    if (!resident) {
      resident = newResident(namespace, id, shard);
      await activate(parts, resident, ORDINARY);
    }
    await this.#settled(resident);
    return parts.residents.at(namespace, id);
  }

  async #settled(resident: Resident): Promise<void> {
    while (resident.loading) await new Promise<void>(resolve => resident.settled.push(resolve));
    const { actor } = resident;
    if (actor && (actor.committing || actor.queued || actor.turnInHand)) {
      await new Promise<void>(resolve => (actor.whenSettled ??= []).push(resolve));
    }
  }

  #assertServes(namespace: string, id: string): void {
    if (!this.parts.options.serves(shardOf(namespace, id, this.parts.options.shards))) throw unavailable();
  }
}

function rethrowSilence(error: unknown): never {
  throw storeSilent(error);
}
