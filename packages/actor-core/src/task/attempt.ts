import { CancelledError } from '../errors/cancelled-error.ts';
import { matchesName } from '../errors/matches-name.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import { RetryAfterError, NonRetryableError } from '../definition/retry-control.ts';
import { parseWith } from '../definition/schema.ts';
import type { TaskContext } from '../definition/task-context.ts';
import { TypedFailure } from '../definition/typed-failure.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { encode } from '../payload/encode.ts';
import { decode } from '../payload/decode.ts';
import type { Payload } from '../payload/payload.ts';
import type { TaskPending } from '../state/pending.ts';
import { ThreadAttempt } from './thread-attempt.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import { AttemptContext, type AttemptSurroundings } from './attempt-context.ts';

export type { AttemptOutcome };

/** Who is told of an attempt's outcome. */
export interface AttemptOwner {
  settled(attempt: Attempt): void;
  /** Of each heartbeat. */
  beat?(progress: Payload | null): void;
}

/**
 * One run of a task's body. It belongs to the node, not to the actor that asked for it: an actor that is dropped and
 * read back finds it, or its outcome, again.
 */
export class Attempt {
  readonly command: number;
  readonly number: number;
  outcome: AttemptOutcome | null = null;
  watch: AttemptWatch | null = null;
  readonly #task: TaskPending;
  readonly #context: AttemptContext;
  readonly #owner: AttemptOwner;
  #timeout: { cancel(): void } | null = null;
  #heartbeat: { cancel(): void } | null = null;
  #thread: ThreadAttempt | null = null;

  constructor(task: TaskPending, surroundings: AttemptSurroundings, owner: AttemptOwner) {
    this.command = task.n;
    this.number = task.attempt;
    this.#task = task;
    this.#owner = owner;
    this.#context = new AttemptContext(task, surroundings, this);
  }

  start(): void {
    const task = this.#task;
    const { watch, standIn } = this.#context.surroundings;
    if (watch) this.watch = watch(task);
    if (typeof task.body !== 'function' && task.body.thread && !standIn?.(task.name, false)) {
      return this.#startInThread();
    }
    if ((task.deadline !== null || task.policy.timeoutMs !== undefined) && !this.#armTimeout()) return;
    if (task.policy.heartbeatTimeoutMs !== undefined) this.#armHeartbeat();
    try {
      const input = task.input === null ? undefined : decode(task.input);
      const schema = typeof task.body === 'function' ? undefined : task.body.inputSchema;
      const parsed = schema ? parseWith(schema, input, `The input of task "${task.name}"`) : input;
      if (parsed instanceof Promise) {
        parsed.then(
          value => this.#run(value),
          (error: unknown) => this.#failed(error),
        );
      } else this.#run(parsed);
    } catch (error) {
      this.#failed(error);
    }
  }

  #run(input: unknown): void {
    if (this.outcome) return;
    let running: unknown;
    try {
      running = this.watch ? this.watch.run(() => this.#call(input)) : this.#call(input);
    } catch (error) {
      return this.#failed(error);
    }
    if (isThenable(running)) {
      // A thenable that is no promise may throw or call back twice; a promise made of it does not.
      Promise.resolve(running).then(
        value => this.#done(value),
        (error: unknown) => this.#failed(error),
      );
    } else this.#done(running);
  }

  /** Its time counts from when a thread has it; only the task's deadline goes on meanwhile. */
  #startInThread(): void {
    const task = this.#task;
    if (task.deadline !== null && !this.#armTimeout(Infinity)) return;
    this.#thread = new ThreadAttempt(task, this.#context, {
      began: () => {
        if (this.outcome) return;
        this.#timeout?.cancel();
        if ((task.deadline !== null || task.policy.timeoutMs !== undefined) && !this.#armTimeout()) return;
        if (task.policy.heartbeatTimeoutMs !== undefined) this.#armHeartbeat();
      },
      beat: progress => this.#beaten(progress),
      done: result => this.#encoded(result),
      settled: outcome => {
        if (!this.outcome) this.#settle(outcome);
      },
      failed: error => this.#failed(error),
    });
    this.#thread.start();
  }

  #call(input: unknown): unknown {
    const { around } = this.#context.surroundings;
    if (!around) return this.#body(input, this.#context);
    return around({ task: this.#task.name, input, t: this.#context }, call => this.#body(call.input, call.t));
  }

  #body(input: unknown, t: TaskContext): unknown {
    const { body, name } = this.#task;
    const isStep = typeof body === 'function';
    const standIn = this.#context.surroundings.standIn?.(name, isStep);
    if (standIn) return standIn(input, t);
    return isStep ? body(t) : body.run(input, t);
  }

  /** Gives the body its abort; what it does afterwards counts for nothing. */
  abort(reason: Error): void {
    this.#settle(null);
    this.#abortBody(reason);
  }

  #abortBody(reason: Error): void {
    this.#context.abort(reason);
    this.#thread?.abort(reason);
  }

  /** false: its time is over already. */
  #armTimeout(timeoutMs = this.#task.policy.timeoutMs ?? Infinity): boolean {
    const task = this.#task;
    const { surroundings } = this.#context;
    const now = surroundings.now();
    if (task.deadline !== null && task.deadline <= now) {
      this.#expire(new TimeoutError(`Task "${task.name}" ran out of its totalTimeout.`));
      return false;
    }
    const limit = Math.min(timeoutMs, task.deadline === null ? Infinity : task.deadline - now);
    this.#timeout = surroundings.timer(now + limit, () =>
      this.#expire(new TimeoutError(`Attempt ${this.number} of "${task.name}" took longer than ${limit} ms.`)),
    );
    return true;
  }

  #armHeartbeat(): void {
    const { timer, now } = this.#context.surroundings;
    const limit = this.#task.policy.heartbeatTimeoutMs!;
    this.#heartbeat?.cancel();
    this.#heartbeat = timer(now() + limit, () =>
      this.#expire(
        new TimeoutError(`Attempt ${this.number} of "${this.#task.name}" sent no heartbeat for ${limit} ms.`),
      ),
    );
  }

  /** A heartbeat of the body. */
  beat(progress: unknown): void {
    if (this.outcome) return;
    this.#beaten(progress === undefined ? null : encode(progress, 'heartbeat progress'));
  }

  #beaten(progress: Payload | null): void {
    if (this.outcome) return;
    if (progress) this.#context.progress = progress;
    this.#owner.beat?.(progress);
    if (this.#heartbeat) this.#armHeartbeat();
  }

  #expire(error: TimeoutError): void {
    if (this.outcome) return;
    this.#settle({ kind: 'failed', error, final: false, afterMs: null, progress: this.#context.progress });
    this.#abortBody(error);
  }

  #done(value: unknown): void {
    if (this.outcome) return;
    const { body } = this.#task;
    const schema = typeof body === 'function' ? undefined : body.outputSchema;
    try {
      // Parsed once, here, and never in replay.
      const parsed = schema ? parseWith(schema, value, `The result of task "${this.#task.name}"`) : value;
      if (parsed instanceof Promise) {
        parsed.then(
          result => this.#encoded(result),
          (error: unknown) => this.#failed(error),
        );
      } else this.#encoded(parsed);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** A result that cannot be kept is VALIDATION or PAYLOAD_TOO_LARGE: it will not be better next time. */
  #encoded(value: unknown): void {
    let result: Payload;
    try {
      result = encode(value, `the result of "${this.#task.name}"`);
    } catch (error) {
      return this.#failed(error);
    }
    this.#settle({ kind: 'task-done', at: 0, command: this.command, attempt: this.number, result });
  }

  #failed(error: unknown): void {
    if (this.outcome) return;
    this.#settle({
      kind: 'failed',
      error,
      final:
        error instanceof NonRetryableError ||
        error instanceof TypedFailure ||
        (error instanceof DfnsError && FINAL_CODES.has(error.code)) ||
        matchesName(error, this.#task.policy.retry.nonRetryable),
      afterMs: error instanceof RetryAfterError ? error.delayMs : null,
      progress: this.#context.progress,
    });
  }

  #settle(outcome: AttemptOutcome | null): void {
    if (this.outcome) return;
    this.#timeout?.cancel();
    this.#heartbeat?.cancel();
    this.outcome = outcome ?? ABORTED;
    if (this.watch) this.watch.ended(outcome === null ? 'aborted' : outcome.kind === 'failed' ? outcome : 'done');
    if (outcome) this.#owner.settled(this);
  }
}

const FINAL_CODES: ReadonlySet<string> = new Set(['VALIDATION', 'PAYLOAD_TOO_LARGE']);

const ABORTED: AttemptOutcome = {
  kind: 'failed',
  error: new CancelledError('The attempt was aborted.'),
  final: true,
  afterMs: null,
  progress: null,
};

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
