import { runLogger } from '../definition/run-logger.ts';
import type { ThreadPool } from '../ports/thread-pool.ts';
import type { Log } from '../ports/telemetry/log.ts';
import { decode } from '../payload/decode.ts';
import type { Payload } from '../payload/payload.ts';
import type { TaskPending } from '../state/pending.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Millis } from '../time/duration.ts';
import type { Around, TaskCall } from '../definition/middleware.ts';
import type { Deps, TaskContext } from '../definition/task-context.ts';
import type { Logger } from '../definition/logger.ts';
import type { WatchAttempt } from './attempt-watch.ts';
import { createFailure, type TypedFailure } from '../definition/typed-failure.ts';

/** What a body sees of the world through `t`, and what times it. */
export interface AttemptSurroundings {
  readonly run: RunRow;
  readonly deps: Deps;
  readonly log: Log;
  /** Middleware around bodies. */
  readonly around: Around<TaskCall> | null;
  /** For tasks that run in one. */
  readonly threads: ThreadPool | null;
  now(): Millis;
  timer(at: Millis, fn: () => void): { cancel(): void };
  readonly watch: WatchAttempt | null;
  readonly standIn: StandIn | undefined;
}

/**
 * In tests: what runs in place of the function of a task or step of this name; undefined: its own. Its input is the
 * parsed one, and its result is parsed as the task's own would be.
 */
export type StandIn = (
  name: string,
  isStep: boolean,
) => ((input: unknown, t: TaskContext<never>) => unknown) | undefined;

/** `t` of a body. Everything in it that costs is made when it is asked for. */
export class AttemptContext implements TaskContext {
  readonly surroundings: AttemptSurroundings;
  /** Progress of the last heartbeat. */
  progress: Payload | null = null;
  readonly #task: TaskPending;
  readonly #attempt: number;
  readonly #beat: { beat(progress: unknown): void };
  #controller: AbortController | null = null;
  #log: Logger | null = null;
  #aborted: Error | null = null;

  constructor(task: TaskPending, surroundings: AttemptSurroundings, beat: { beat(progress: unknown): void }) {
    this.#task = task;
    this.#attempt = task.attempt;
    this.surroundings = surroundings;
    this.#beat = beat;
  }

  get abortSignal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }

  get attempt(): number {
    return this.#attempt;
  }

  get executionId(): string {
    return this.surroundings.run.id;
  }

  get runId(): string {
    return this.surroundings.run.runId;
  }

  /** The same for every attempt: execution, the run that asked first, and the command. */
  get idempotencyKey(): string {
    return `${this.surroundings.run.id}/${this.#task.asker}/${this.#task.n}`;
  }

  get headers(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.surroundings.run.headers ?? []);
  }

  get deps(): Deps {
    return this.surroundings.deps;
  }

  get log(): Logger {
    const { log, run } = this.surroundings;
    return (this.#log ??= runLogger(log, run, { task: this.#task.name, attempt: this.#attempt }, () => false));
  }

  get lastProgress(): unknown {
    const progress = this.progress ?? this.#task.progress;
    return progress === null ? undefined : decode(progress);
  }

  heartbeat(progress?: unknown): void {
    if (this.#aborted) throw this.#aborted;
    this.#beat.beat(progress);
  }

  fail(code: string, data: unknown): TypedFailure {
    const { body } = this.#task;
    return createFailure(typeof body === 'function' ? STEP : body, code, data);
  }
}

/** A step declares no failures. */
const STEP = { kind: 'task', name: 'step', errors: new Map() } as const;
