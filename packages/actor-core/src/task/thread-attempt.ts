import { validation } from '../errors/dfns-error.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import { decodeError } from '../payload/error-payload.ts';
import type { Payload } from '../payload/payload.ts';
import type { ThreadCall, ThreadOutcome } from '../ports/thread-pool.ts';
import type { TaskPending } from '../state/pending.ts';
import type { AttemptContext } from './attempt-context.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';

/** What becomes of a body in a thread, for the attempt that it is of. */
export interface ThreadedAttempt {
  began(): void;
  beat(progress: Payload | null): void;
  /** The thread's own outcome. */
  settled(outcome: AttemptOutcome): void;
  /** What middleware around it gave, or threw. */
  done(value: unknown): void;
  failed(error: unknown): void;
}

/** The node's side of a body in a thread: values cross as the bytes that are stored, unless middleware looks at them. */
export class ThreadAttempt {
  readonly #task: TaskPending;
  readonly #context: AttemptContext;
  readonly #attempt: ThreadedAttempt;
  #running: { abort(reason: Error): void } | null = null;
  #aborted: Error | null = null;
  /** What the body threw, and how that counts. */
  #thrown: { readonly error: unknown; readonly outcome: AttemptOutcome } | null = null;

  constructor(task: TaskPending, context: AttemptContext, attempt: ThreadedAttempt) {
    this.#task = task;
    this.#context = context;
    this.#attempt = attempt;
  }

  start(): void {
    const { input, name } = this.#task;
    const { around } = this.#context.surroundings;
    if (!around) return this.#run(input, outcome => this.#attempt.settled(this.#outcomeOf(outcome)));
    const value = input === null ? undefined : decode(input);
    const body = (given: unknown) =>
      new Promise<unknown>((resolve, reject) => {
        const payload = given === value ? input : encode(given, `the input of task "${name}"`);
        this.#run(payload, outcome => {
          if (outcome.kind === 'done') return resolve(decode(outcome.result));
          const error = decodeError(outcome.error);
          this.#thrown = { error, outcome: this.#outcomeOf(outcome) };
          reject(error);
        });
      });
    around({ task: name, input: value, t: this.#context }, call => body(call.input)).then(
      result => this.#attempt.done(result),
      (error: unknown) => {
        // Whether it may be tried again was seen in the thread, where the error still had its class.
        const thrown = this.#thrown;
        if (thrown && thrown.error === error) this.#attempt.settled(thrown.outcome);
        else this.#attempt.failed(error);
      },
    );
  }

  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#running?.abort(reason);
  }

  #run(input: Payload | null, ended: (outcome: ThreadOutcome) => void): void {
    const { threads, log } = this.#context.surroundings;
    const { name } = this.#task;
    if (!threads) {
      const advice = `Task "${name}" runs in a thread: name the file that exports it in \`files\`.`;
      return this.#attempt.failed(validation(advice, { task: name }));
    }
    this.#running = threads.run(this.#call(input), {
      began: () => this.#attempt.began(),
      beat: progress => this.#attempt.beat(progress),
      log: (level, message, fields) => log.write(level, message, fields),
      ended,
    });
    if (this.#aborted) this.#running.abort(this.#aborted);
  }

  #call(input: Payload | null): ThreadCall {
    const { name, n, asker, attempt, progress, policy } = this.#task;
    const { run } = this.#context.surroundings;
    return {
      task: name,
      input,
      command: n,
      asker,
      attempt,
      progress,
      nonRetryable: policy.retry.nonRetryable,
      run: { ...run, input: null, output: null, carry: null },
    };
  }

  #outcomeOf(outcome: ThreadOutcome): AttemptOutcome {
    if (outcome.kind === 'done') {
      return { kind: 'task-done', at: 0, command: this.#task.n, attempt: this.#task.attempt, result: outcome.result };
    }
    return { ...outcome, error: decodeError(outcome.error) };
  }
}
