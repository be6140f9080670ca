import { commandOf, type BodyStart } from './output-commit.ts';
import { decodeLineage, type Incarnation, type Message } from '@dfnsjs/actor-core/records';
import type { LandedTurn, RunHistory } from './history.ts';
import { Violation } from './violation.ts';

/** What runs bodies: which incarnation it is when it begins one. */
export interface BodyProcess {
  readonly incarnation: Incarnation | null;
}

/** Messages are taken once, completions count once, bodies run once at a time. */
export class ExactlyOnce {
  /** Of clients' messages: the place in the order of all where each was first taken. */
  readonly taken = new Map<string, number>();
  /** By execution and message: a message that is sent again to a new execution of its id is another one there. */
  readonly #takenBy = new Set<string>();
  /** Of updates. */
  readonly answered = new Set<string>();
  readonly #answeredBy = new Set<string>();
  readonly #numbers = new Map<string, number>();
  readonly #completed = new Set<string>();
  /** (run, command, attempt), and the process and incarnation that have it. */
  readonly #inHand = new Map<string, BodyProcess & { readonly process: object; readonly abort: AbortSignal }>();
  readonly #isLiving: (incarnation: Incarnation | null) => boolean;
  readonly #starts = new Map<string, number>();
  #place = 0;

  /** @param isLiving whether the store holds the incarnation for one that lives; null: one that has not joined yet */
  constructor(isLiving: (incarnation: Incarnation | null) => boolean) {
    this.#isLiving = isLiving;
  }

  landed({ run, turn, entry }: LandedTurn): void {
    for (const message of turn.messages) {
      this.#place++;
      if (message.kind === 'task-done' || message.kind === 'task-failed') {
        const key = `${run.row.runId}/${message.command}/${message.attempt}`;
        if (this.#completed.has(key)) throw new Violation('exactly-once', `Attempt ${key} was completed twice.`);
        this.#completed.add(key);
      }
      if ('id' in message && message.id !== null) {
        const { first } = run.row;
        const once = `${first} ${message.id}`;
        if (this.#takenBy.has(once)) throw new Violation('exactly-once', `Message ${message.id} was taken twice.`);
        this.#takenBy.add(once);
        if (!this.taken.has(message.id)) this.taken.set(message.id, this.#place);
      }
      if (message.kind === 'signal' && message.id === null) {
        const pair = `${message.sender}>${run.row.first}`;
        const last = this.#numbers.get(pair) ?? 0;
        if (message.number <= last) {
          throw new Violation('exactly-once', `${pair}: message ${message.number} was taken after message ${last}.`);
        }
        this.#numbers.set(pair, message.number);
        if ((entry.takes?.length ?? 0) === 0) throw new Violation('exactly-once', `${pair}: taken without its row.`);
      }
    }
    for (const command of turn.commands) {
      if (command.kind !== 'answer') continue;
      const once = `${run.row.first} ${command.id}`;
      if (this.#answeredBy.has(once)) throw new Violation('exactly-once', `Update ${command.id} was answered twice.`);
      this.#answeredBy.add(once);
      this.answered.add(command.id);
    }
  }

  /** What came after the cut is given to the run that goes on: there it is taken, done and answered once. */
  goesOn(from: RunHistory, to: RunHistory): void {
    const { first } = from.row;
    for (const runId of askersOf(from)) {
      // Its bodies were aborted with its end: one that does not heed that is nobody's.
      forgetFrom(this.#inHand, `${runId}/`);
      // What is done again begins again, though it may run once: that is what was asked for.
      forgetFrom(this.#starts, `${from.row.id}/${runId}/`);
    }
    const kept = new Set(to.turns.flatMap(({ messages }) => messages.map(keyOfMessage)));
    for (const { messages, commands } of from.turns) {
      for (const message of messages) {
        if (kept.has(keyOfMessage(message))) continue;
        if ('id' in message && message.id !== null) {
          this.#takenBy.delete(`${first} ${message.id}`);
          this.#answeredBy.delete(`${first} ${message.id}`);
        }
        if (message.kind === 'signal' && message.id === null) {
          const pair = `${message.sender}>${first}`;
          this.#numbers.set(pair, Math.min(this.#numbers.get(pair) ?? 0, message.number - 1));
        }
        if (message.kind === 'task-failed') this.#again(from, message.command, message.attempt);
      }
      for (const command of commands) {
        // A part of its turn may be kept, and the answer with it or not.
        if (command.kind === 'answer' && !to.commands.some(each => each.kind === 'answer' && each.id === command.id)) {
          this.#answeredBy.delete(`${first} ${command.id}`);
        }
      }
    }
  }

  /** The task is done again, under the key of the run that asked for it. */
  #again(run: RunHistory, command: number, attempt: number): void {
    for (const runId of askersOf(run)) this.#completed.delete(`${runId}/${command}/${attempt}`);
  }

  /**
   * @param process where it runs
   * @param abort of the body: one that does not heed it is nobody's
   */
  bodyStarts(body: BodyStart, atMostOnce: boolean, process: BodyProcess, abort: AbortSignal): void {
    const key = keyOf(body);
    const holder = this.#inHand.get(key);
    // Of a node that lost its lease others do again what it had in hand.
    if (holder && !holder.abort.aborted && this.#isLiving(holder.incarnation))
      throw new Violation('exactly-once', `Attempt ${key} of "${body.name}" is in hand twice.`);
    if (this.#completed.has(key)) {
      throw new Violation('exactly-once', `Attempt ${key} of "${body.name}" began after its completion was committed.`);
    }
    this.#inHand.set(key, { process, incarnation: process.incarnation, abort });
    const starts = (this.#starts.get(body.idempotencyKey) ?? 0) + 1;
    this.#starts.set(body.idempotencyKey, starts);
    if (atMostOnce && starts > 1) {
      throw new Violation('exactly-once', `"${body.name}" may run once and began ${starts} times (${key}).`);
    }
  }

  bodyEnds(body: BodyStart): void {
    this.#inHand.delete(keyOf(body));
  }

  /** The process is gone, and every body with it. */
  processGone(process: object): void {
    for (const [key, holder] of this.#inHand) if (holder.process === process) this.#inHand.delete(key);
  }
}

/** Runs whose ids the tasks of a run may go by: its own, and that of the run that its journal began with. */
function askersOf({ row }: RunHistory): readonly string[] {
  return row.lineage === null ? [row.runId] : [row.runId, decodeLineage(row.lineage).origin];
}

function forgetFrom(keys: { keys(): Iterable<string>; delete(key: string): boolean }, prefix: string): void {
  for (const key of [...keys.keys()]) if (key.startsWith(prefix)) keys.delete(key);
}

function keyOfMessage(message: Message): string {
  if ('id' in message && message.id !== null) return message.id;
  const command = 'command' in message ? message.command : '';
  const number = message.kind === 'signal' ? `${message.sender}#${message.number}` : '';
  const attempt = 'attempt' in message ? message.attempt : '';
  return `${message.kind} ${command} ${attempt} ${number}`;
}

function keyOf(body: BodyStart): string {
  const { runId, command } = commandOf(body.idempotencyKey);
  return `${runId}/${command}/${body.attempt}`;
}
