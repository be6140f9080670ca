import type { Command } from '../command/command.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Message } from '../message/message.ts';
import type { InboxKey, InboxRow } from '../ports/store/inbox.ts';
import type { Effect } from '../state/effect.ts';
import type { Millis } from '../time/duration.ts';
import type { SendPending } from '../state/pending.ts';
import type { AttemptSurroundings } from '../task/attempt-context.ts';
import type { RunState } from '../state/state.ts';
import { admit, type AdmissionEnvironment } from './admit.ts';
import { apply } from './apply.ts';
import type { Coroutine } from './coroutine.ts';
import type { Idling } from './idle-order.ts';
import { inboxKeyText, Mailbox, type Delivery, type Reply } from './mailbox.ts';
import { setRunning } from './running.ts';

/** Keys of taken inbox rows that an actor remembers. */
const TAKEN_KEYS = 4_096;
/** Lists of a turn up to this length are emptied one by one. */
const KEPT_ITEMS = 16;

/** What is being put together for the next commit. */
export interface TurnInHand {
  seq: number;
  readonly messages: Message[];
  commands: Command[];
  effects: Effect[];
  /** Whom to tell when it is durable; given again to the next activation if it is not. */
  deliveries: readonly Delivery[];
  /** What it does not take, and why: told when it is durable, since that may stand on its messages. */
  refusals: readonly { readonly delivery: Delivery; readonly error: Error }[];
  takes: readonly InboxKey[];
  /** Rows of messages that were taken before under another key: they go without a turn. */
  deletes: readonly InboxKey[];
  sends: readonly InboxRow[];
  /** W3C trace context of the first message's caller. */
  traceparent: string | null;
  /** When its round began, by the stopwatch; 0 where nobody measures. */
  begunAt: number;
}

/** Most turns have nothing in most of their lists. */
const NONE: readonly never[] = [];

function added<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

export interface ActorEnvironment extends AdmissionEnvironment {
  /** The row of a message to another execution; numbers and stamps it. */
  sendRow(actor: Actor, command: number, number: number): InboxRow;
}

/**
 * The single-threaded home of one run in memory. Messages are applied one at a time, each in a hop of its own; what was
 * applied since the last commit is the turn in hand, and there is never more than one uncommitted.
 */
export class Actor implements Idling<Actor> {
  readonly coroutine: Coroutine;
  readonly mailbox = new Mailbox();
  /** Of the last committed turn. */
  seq: number;
  /** Bytes of the journal. */
  bytes = 0;
  /** Turns up to here stand in snapshots. */
  folded = 0;
  compacting = false;
  /** wakeAt as stored; undefined before the row is. */
  wakeAt: Millis | null | undefined;
  /** A turn is at the store, or a write of the row. */
  committing = false;
  /** It waits for its place in the next round, or is in one. */
  queued = false;
  /** It is no longer the home of its run. */
  dropped = false;
  /** The row says held: the next turn says otherwise. */
  unhold = false;
  /** Tasks that failed before it was held, and begin with that turn. */
  again: readonly number[] = [];
  /** The row's list columns are older than the state. */
  stale = false;
  /** Runs when the turn in hand is durable, on committed state. */
  whenSettled: (() => void)[] | null = null;
  /** Keys of the inbox rows taken since activation. */
  taken: Set<string> | null = null;
  lastActive: Millis = 0;
  older: Actor | null = null;
  newer: Actor | null = null;
  order: Idling<Actor>['order'] = null;
  /** What its bodies see of the node; one for all of them. */
  surroundings: AttemptSurroundings | null = null;
  deadlineAlarm: { cancel(): void } | null = null;
  cleanupAlarm: { cancel(): void } | null = null;
  /** Signals to other executions whose receivers are being looked up, in order. */
  readonly sending: SendPending[] = [];
  readonly cleanupMs: number;
  /**
   * Messages that are to be durable before any other is taken: that the node died before is counted even where what
   * comes next takes it down again.
   */
  preamble = 0;
  /** The turn in hand takes no more. */
  #sealed = false;
  #turn: TurnInHand | null = null;
  #spare: TurnInHand | null = null;
  #early: Delivery[] | null = null;
  readonly #environment: ActorEnvironment;
  readonly #declaredUpdates: ReadonlyMap<string, unknown>;

  constructor(
    coroutine: Coroutine,
    seq: number,
    cleanupMs: number,
    declaredUpdates: ReadonlyMap<string, unknown>,
    environment: ActorEnvironment,
  ) {
    this.coroutine = coroutine;
    this.seq = seq;
    this.cleanupMs = cleanupMs;
    this.#declaredUpdates = declaredUpdates;
    this.#environment = environment;
    coroutine.handlers.onUpdateHandler = () => this.#retryEarly();
  }

  get state(): RunState {
    return this.coroutine.state;
  }

  get turnInHand(): TurnInHand | null {
    return this.#turn;
  }

  /** Takes the next message and applies it. Called inside a hop of its own. */
  applyNext(): void {
    this.coroutine.settleEnd();
    if (this.dropped || this.coroutine.fault || this.state.ending || this.#sealed) return;
    const delivery = this.mailbox.take();
    if (!delivery) return;
    const turn = (this.#turn ??= this.#openTurn());
    setRunning(this.coroutine);
    const admitted = admit(this, delivery, this.#environment, this.#declaredUpdates);
    switch (admitted.kind) {
      case 'apply':
        break;
      case 'known':
        // Taken before: whoever sends it again hears of it with this turn, and its row goes.
        if (delivery.reply) turn.deliveries = added(turn.deliveries, delivery);
        this.#letGo(turn, delivery);
        return;
      case 'refused':
        // Told with the turn: it may stand on messages of the turn that are not durable yet.
        if (delivery.reply) turn.refusals = added(turn.refusals, { delivery, error: admitted.error });
        this.#letGo(turn, delivery);
        return;
      case 'early':
        (this.#early ??= []).push(delivery);
        return;
      case 'moot':
        this.#letGo(turn, delivery);
        return;
    }
    const { message } = delivery;
    // From the inbox it says what another run of the execution has sent: that row is there.
    if (message.kind === 'sent' && message.error === null && !delivery.inbox) {
      const { state } = this;
      if (state.pending.has(message.command)) {
        const row = this.#environment.sendRow(this, message.command, state.sends + 1);
        message.accepted = row.accepted;
        turn.sends = added(turn.sends, row);
      }
    }
    turn.messages.push(message);
    if (delivery.reply || delivery.inbox) {
      turn.deliveries = added(turn.deliveries, delivery);
      turn.traceparent ??= delivery.reply?.traceparent ?? null;
    }
    if (delivery.inbox) {
      turn.takes = added(turn.takes, delivery.inbox);
      this.#take(delivery.inbox);
    }
    apply(this.coroutine, message, this.cleanupMs);
    if (this.preamble > 0 && --this.preamble === 0) this.#sealed = true;
  }

  /** The turn in hand, whole: null where nothing was applied. Called when all its drains are over. */
  collect(): TurnInHand | null {
    const turn = this.#turn;
    if (!turn) return null;
    this.coroutine.settleEnd();
    turn.commands = this.coroutine.commands;
    turn.effects = this.state.effects ?? [];
    // Those of a run that continues as new are for the next one.
    if (this.#early && this.state.ending && this.state.ending.status !== 'continued-as-new') this.#refuseEarly(turn);
    return turn;
  }

  /** The turn is durable. */
  committed(): void {
    const turn = this.#turn;
    if (turn && turn.messages.length > 0) this.seq = turn.seq;
    this.#turn = null;
    this.#sealed = false;
    this.coroutine.commands = [];
    this.state.effects = [];
    this.state.rowChanged = false;
  }

  /** All that waits here, when this activation ends without taking it. */
  abandon(): Delivery[] {
    this.dropped = true;
    const waiting = [
      ...(this.#turn?.deliveries ?? []),
      ...(this.#turn?.refusals ?? []).map(({ delivery }) => delivery),
      ...(this.#early ?? []),
      ...this.mailbox.drain(),
    ];
    this.#turn = null;
    this.#early = null;
    for (const pending of this.state.pending.values()) pending.alarm?.cancel();
    this.deadlineAlarm?.cancel();
    this.cleanupAlarm?.cancel();
    return waiting;
  }

  /** A message that is not taken: its row goes without a turn. */
  #letGo(turn: TurnInHand, { inbox }: Delivery): void {
    if (!inbox) return;
    const key = inboxKeyText(inbox);
    if (this.taken?.has(key)) {
      // A client's may land late, and anew: it is to go once more. An execution's is written once.
      if (inbox.sender > 0 || turn.takes.some(each => inboxKeyText(each) === key)) return;
    }
    turn.deletes = added(turn.deletes, inbox);
    this.#take(inbox);
  }

  /** Tells of rows whether they were taken or wait here; for as long as no message comes or goes. */
  rowsInHand(): (key: InboxKey) => boolean {
    const waiting = new Set<string>();
    for (const { inbox } of [...(this.#early ?? []), ...this.mailbox.waiting()]) {
      if (inbox) waiting.add(inboxKeyText(inbox));
    }
    return key => waiting.has(inboxKeyText(key)) || (this.taken?.has(inboxKeyText(key)) ?? false);
  }

  #take(key: InboxKey): void {
    const taken = (this.taken ??= new Set());
    taken.add(inboxKeyText(key));
    // A row can only come again by a read that was under way when it was taken: old keys need not be kept.
    if (taken.size > TAKEN_KEYS) for (const oldest of [...taken].slice(0, TAKEN_KEYS / 2)) taken.delete(oldest);
  }

  /** The turn is released, and nobody looks at it any more: the next one is put together in it. */
  recycle(turn: TurnInHand): void {
    if (this.dropped || this.#turn) return;
    const { messages, commands, effects } = turn;
    empty(messages);
    empty(commands);
    empty(effects);
    this.coroutine.commands = commands;
    this.state.effects = effects;
    turn.deliveries = turn.refusals = turn.takes = turn.deletes = turn.sends = NONE;
    turn.traceparent = null;
    this.#spare = turn;
  }

  #openTurn(): TurnInHand {
    const spare = this.#spare;
    if (spare) {
      this.#spare = null;
      spare.seq = this.seq + 1;
      return spare;
    }
    return {
      seq: this.seq + 1,
      messages: [],
      commands: [],
      effects: [],
      deliveries: NONE,
      refusals: NONE,
      takes: NONE,
      deletes: NONE,
      sends: NONE,
      traceparent: null,
      begunAt: 0,
    };
  }

  /** Updates that came before their handler was registered. */
  #retryEarly(): void {
    const early = this.#early;
    if (!early) return;
    this.#early = null;
    this.mailbox.putBack(early);
    this.onEarlyMail?.();
  }

  /** Asks for another round: mail came back. */
  onEarlyMail: (() => void) | null = null;
  /** The actor stands on committed state and may take its next turn. */
  onSettled: (() => void) | null = null;
  /** Messages of it that met a full mailbox wait in the store: called whenever some were taken from here. */
  onRoom: (() => void) | null = null;

  get hasEarlyMail(): boolean {
    return this.#early !== null;
  }

  /** No turn is on its way: who waited for committed state is told, then the next messages are taken. */
  settle(): void {
    const waiting = this.whenSettled;
    this.whenSettled = null;
    for (const settled of waiting ?? []) settled();
    if (!this.dropped) this.onSettled?.();
  }

  #refuseEarly(turn: TurnInHand): void {
    const error = new DfnsError('CLOSED', 'The execution has ended.');
    for (const delivery of this.#early ?? []) turn.refusals = added(turn.refusals, { delivery, error });
    this.#early = null;
  }
}

/** Setting the length to 0 lets go of the memory, which the next turn would ask for again. */
function empty(list: unknown[]): void {
  if (list.length > KEPT_ITEMS) list.length = 0;
  else while (list.length > 0) list.pop();
}

export function acceptAll(deliveries: readonly Delivery[]): void {
  for (const { reply } of deliveries) reply?.accepted();
}

export function refuseAll(deliveries: readonly Delivery[], error: Error): void {
  for (const { reply } of deliveries) reply?.refused(error);
}

export type { Delivery, Reply };
