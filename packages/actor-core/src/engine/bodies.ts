import type { Eid } from '../ids/ids.ts';
import type { TaskPending } from '../state/pending.ts';
import { Attempt, type AttemptOutcome } from '../task/attempt.ts';
import type { AttemptSurroundings } from '../task/attempt-context.ts';
import type { Message } from '../message/message.ts';
import type { AttemptFailure } from '../actor/admit.ts';
import { encodeError } from '../payload/error-payload.ts';
import type { Millis } from '../time/duration.ts';

/**
 * The attempts in hand at this node, by run and command. They outlive actors: one that is read back adopts what runs,
 * and is offered again what has finished but is not committed.
 */
export class Bodies {
  readonly #runs = new Map<Eid, Map<number, Attempt>>();
  readonly #finished: (eid: Eid, attempt: Attempt) => void;
  #count = 0;
  readonly #whenIdle: (() => void)[] = [];

  constructor(finished: (eid: Eid, attempt: Attempt) => void) {
    this.#finished = finished;
  }

  get size(): number {
    return this.#count;
  }

  /** Starts the attempt unless exactly it is here; then its outcome, if there is one, is offered again. */
  ensure(eid: Eid, task: TaskPending, surroundings: AttemptSurroundings, now: Millis): void {
    let run = this.#runs.get(eid);
    if (!run) this.#runs.set(eid, (run = new Map()));
    const known = run.get(task.n);
    if (known?.number === task.attempt) {
      if (known.outcome) this.#finished(eid, known);
      return;
    }
    if (!known) this.#count++;
    const attempt = new Attempt(task, surroundings, settled => this.#finished(eid, settled));
    run.set(task.n, attempt);
    attempt.start(now);
  }

  /** Resolves when none is in hand, their outcomes committed. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise(resolve => this.#whenIdle.push(resolve));
  }

  has(eid: Eid, command: number): boolean {
    return this.#runs.get(eid)?.has(command) ?? false;
  }

  /** Its completion is journaled. */
  forget(eid: Eid, command: number): void {
    const run = this.#runs.get(eid);
    if (!run?.delete(command)) return;
    this.#count--;
    if (run.size === 0) this.#runs.delete(eid);
    if (this.#count === 0) for (const idle of this.#whenIdle.splice(0)) idle();
  }

  /** Outcomes that were not committed are dropped: the attempts run again. */
  forgetFinished(eid: Eid): void {
    for (const [command, attempt] of [...(this.#runs.get(eid) ?? [])]) if (attempt.outcome) this.forget(eid, command);
  }

  abort(eid: Eid, command: number, reason: Error): void {
    const attempt = this.#runs.get(eid)?.get(command);
    this.forget(eid, command);
    attempt?.abort(reason);
  }

  abortAll(reason: Error): void {
    for (const [eid, run] of [...this.#runs]) for (const command of [...run.keys()]) this.abort(eid, command, reason);
  }
}

/** The message that brings an attempt's outcome to its actor. */
export function completion(command: number, attempt: number, outcome: AttemptOutcome): Message {
  if (outcome.kind === 'done') return { kind: 'task-done', at: 0, command, attempt, result: outcome.result };
  const message: AttemptFailure = {
    kind: 'task-failed',
    at: 0,
    command,
    attempt,
    error: encodeError(outcome.error),
    retryAt: null,
    counts: outcome.afterMs === null,
    progress: outcome.progress,
    failed: outcome,
  };
  return message;
}
