import type { Eid, ShardId } from '../ids/ids.ts';
import { Numbered } from '../state/numbered.ts';
import type { TaskPending } from '../state/pending.ts';
import { Attempt, type AttemptOutcome, type AttemptOwner } from '../task/attempt.ts';
import type { AttemptSurroundings } from '../task/attempt-context.ts';
import type { AttemptWatch } from '../task/attempt-watch.ts';
import type { Message } from '../message/message.ts';
import type { AttemptFailure } from '../actor/admit.ts';
import type { OpenAttempt } from './remote-attempts.ts';
import { PassingMap } from './passing-map.ts';
import { encodeError } from '../payload/error-payload.ts';

/** The attempts of one run. */
class RunBodies implements AttemptOwner {
  readonly attempts = new Numbered<Attempt>();
  readonly shard: ShardId;
  readonly #eid: Eid;
  readonly #finished: Finished;

  constructor(eid: Eid, shard: ShardId, finished: Finished) {
    this.#eid = eid;
    this.shard = shard;
    this.#finished = finished;
  }

  settled(attempt: Attempt): void {
    this.#finished(this.#eid, this.shard, attempt);
  }
}

type Finished = (eid: Eid, shard: ShardId, attempt: Attempt) => void;

/**
 * The attempts in hand at this node, by run and command. They outlive actors: one that is read back adopts what runs,
 * and is offered again what has finished but is not committed.
 */
export class Bodies {
  readonly #runs = new PassingMap<Eid, RunBodies>();
  readonly #finished: Finished;
  #count = 0;
  readonly #whenIdle: (() => void)[] = [];

  constructor(finished: Finished) {
    this.#finished = finished;
  }

  get size(): number {
    return this.#count;
  }

  /** Attempts whose bodies have not ended. */
  get running(): number {
    let running = 0;
    for (const run of this.#runs.values()) for (const attempt of run.attempts.values()) if (!attempt.outcome) running++;
    return running;
  }

  /** Starts the attempt unless exactly it is here; then its outcome, if there is one, is offered again. */
  ensure(eid: Eid, task: TaskPending, surroundings: AttemptSurroundings): void {
    let run = this.#runs.get(eid);
    if (!run) this.#runs.set(eid, (run = new RunBodies(eid, surroundings.run.shard, this.#finished)));
    const known = run.attempts.get(task.n);
    if (known?.number === task.attempt) {
      if (known.outcome) run.settled(known);
      return;
    }
    if (!known) this.#count++;
    const attempt = new Attempt(task, surroundings, run);
    run.attempts.set(task.n, attempt);
    attempt.start();
  }

  /** Resolves when none is in hand, their outcomes committed. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise(resolve => this.#whenIdle.push(resolve));
  }

  /** Who looks on at the attempt in hand. */
  watchOf(eid: Eid, command: number): AttemptWatch | null {
    return this.#runs.get(eid)?.attempts.get(command)?.watch ?? null;
  }

  has(eid: Eid, command: number): boolean {
    return this.#runs.get(eid)?.attempts.has(command) ?? false;
  }

  /** Attempts of the shard's executions whose outcome is not committed. */
  *ofShard(shard: ShardId): Iterable<OpenAttempt> {
    for (const [eid, run] of this.#runs.entries()) {
      if (run.shard !== shard) continue;
      for (const { command, number } of run.attempts.values()) yield { eid, command, attempt: number };
    }
  }

  /** Offers what has ended of the shards that are not this node's any more. */
  *endedWhere(
    isElsewhere: (shard: ShardId) => boolean,
  ): Iterable<OpenAttempt & { readonly shard: ShardId; readonly outcome: AttemptOutcome }> {
    for (const [eid, { shard, attempts }] of this.#runs.entries()) {
      if (!isElsewhere(shard)) continue;
      for (const { command, number, outcome } of attempts.values()) {
        if (outcome) yield { eid, shard, command, attempt: number, outcome };
      }
    }
  }

  /** Whether exactly this attempt is in hand, or has an outcome that is not committed. */
  hasAttempt({ eid, command, attempt }: OpenAttempt): boolean {
    return this.#runs.get(eid)?.attempts.get(command)?.number === attempt;
  }

  /** Its completion is journaled. */
  forget(eid: Eid, command: number): void {
    if (!this.#runs.get(eid)?.attempts.delete(command)) return;
    this.#count--;
    if (this.#count === 0) for (const idle of this.#whenIdle.splice(0)) idle();
  }

  /** The run's actor is gone: what is kept for it goes too, unless attempts of it are in hand. */
  leave(eid: Eid): void {
    if (this.#runs.get(eid)?.attempts.size === 0) this.#runs.delete(eid);
  }

  /** Commands whose attempts failed, which is not committed. */
  failed(eid: Eid): number[] {
    const attempts = this.#runs.get(eid)?.attempts.values() ?? [];
    return [...attempts].filter(({ outcome }) => outcome?.kind === 'failed').map(({ command }) => command);
  }

  abort(eid: Eid, command: number, reason: Error): void {
    const attempt = this.#runs.get(eid)?.attempts.get(command);
    this.forget(eid, command);
    attempt?.abort(reason);
  }

  abortAll(reason: Error): void {
    for (const [eid, run] of this.#runs.entries()) {
      for (const command of [...run.attempts.keys()]) this.abort(eid, command, reason);
    }
    this.#runs.clear();
  }
}

/** The message that brings an attempt's outcome to its actor. */
export function completion(command: number, attempt: number, outcome: AttemptOutcome): Message {
  if (outcome.kind === 'task-done') return outcome;
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
