import {
  DfnsError,
  type AnyTask,
  type Duration,
  type InputOf,
  type NoFailures,
  type OutputOf,
  type TaskContext,
} from '@dfnsjs/actor-core';
import { parseDuration, parseName } from '@dfnsjs/actor-core/records';

/** Time as a mock may spend it: the cluster's. */
export interface MockTime {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Lets time pass as the body's own work would. Rejects where the attempt is aborted meanwhile. */
  sleep(duration: Duration): Promise<void>;
}

/** One attempt that came to the mock, in order. */
export interface MockCall<Input, Output> {
  /** Parsed by the task's schema, if it has one. */
  readonly input: Input;
  /** From 1. */
  readonly attempt: number;
  readonly executionId: string;
  /** The same for all attempts of one call. */
  readonly idempotencyKey: string;
  /** Milliseconds since the epoch, in the cluster's time. */
  readonly at: number;
  readonly outcome: 'running' | 'completed' | 'failed';
  readonly result?: Output | undefined;
  readonly error?: unknown;
}

type FailuresOf<Task> = Task extends {
  readonly '~types'?: { readonly failures: infer Failures } | undefined;
}
  ? Failures
  : never;

/** What a mock does in place of the body. */
export type MockBody<Input, Output, Failures> = (
  input: Input,
  t: TaskContext<Failures>,
  time: MockTime,
) => Output | PromiseLike<Output>;

/** A mock, whatever its types: what a test cluster works with. */
export interface AnyMock {
  /** Whether it is the mock of this task or step. */
  standsFor(name: string, isStep: boolean): boolean;
  /** The body of one attempt. */
  attempt(input: never, t: TaskContext<never>, time: MockTime): Promise<unknown>;
}

/**
 * Stands in for a task in a test cluster, and keeps what it was called with. It answers what was said once, in order,
 * then what was said last for always. Attempts, retries and timeouts stay the task's own; its output schema holds too.
 */
export class TaskMock<Input, Output, Failures = NoFailures> implements AnyMock {
  readonly #what: string;
  readonly #name: string;
  readonly #isStep: boolean;
  #calls: MockCall<Input, Output>[] = [];
  #once: MockBody<Input, Output, Failures>[] = [];
  #always: MockBody<Input, Output, Failures> | undefined;
  #takesMs = 0;

  constructor(name: string, isStep: boolean) {
    this.#name = name;
    this.#isStep = isStep;
    this.#what = `${isStep ? 'step' : 'task'} "${name}"`;
  }

  /** The attempts so far, oldest first. */
  get calls(): readonly MockCall<Input, Output>[] {
    return this.#calls;
  }

  /** Every attempt gives this. */
  returns(result: Output): this {
    return this.runs(() => result);
  }

  /** The next attempt gives this. */
  returnsOnce(result: Output): this {
    return this.runsOnce(() => result);
  }

  /** Every attempt fails with this; a task without `maxAttempts` is then tried for ever. */
  fails(error: Error | string): this {
    return this.runs(() => {
      throw asError(error);
    });
  }

  /** The next attempt fails with this, and the task's retry policy decides what comes then. */
  failsOnce(error: Error | string): this {
    return this.runsOnce(() => {
      throw asError(error);
    });
  }

  /** Every attempt runs this. */
  runs(body: MockBody<Input, Output, Failures>): this {
    this.#always = body;
    return this;
  }

  /** The next attempt runs this. */
  runsOnce(body: MockBody<Input, Output, Failures>): this {
    this.#once.push(body);
    return this;
  }

  /** Each attempt takes this long, in the cluster's time, before it answers: to see timeouts. Default 0. */
  takes(duration: Duration): this {
    this.#takesMs = parseDuration(duration, `takes of the mock of ${this.#what}`);
    return this;
  }

  /** Forgets calls and answers. */
  reset(): void {
    this.#calls = [];
    this.#once = [];
    this.#always = undefined;
    this.#takesMs = 0;
  }

  standsFor(name: string, isStep: boolean): boolean {
    return name === this.#name && isStep === this.#isStep;
  }

  async attempt(input: Input, t: TaskContext<Failures>, time: MockTime): Promise<Output> {
    const { attempt, executionId, idempotencyKey } = t;
    const call = { input, attempt, executionId, idempotencyKey, at: time.now, outcome: 'running' as const };
    const at = this.#calls.push(call) - 1;
    // Where `reset` came between, the call is not among them any more.
    const calls = this.#calls;
    try {
      const body = this.#once.shift() ?? this.#always;
      if (!body) throw this.#speechless();
      if (this.#takesMs > 0) await time.sleep(this.#takesMs);
      const result = await body(input, t, time);
      calls[at] = { ...call, outcome: 'completed', result };
      return result;
    } catch (error) {
      calls[at] = { ...call, outcome: 'failed', error };
      throw error;
    }
  }

  #speechless(): DfnsError {
    return new DfnsError(
      'VALIDATION',
      `The mock of ${this.#what} has no answer ${this.#calls.length > 1 ? 'left ' : ''}for call ${this.#calls.length}. ` +
        'Say what it gives for always with .returns(…), .fails(…) or .runs(…).',
    );
  }
}

/**
 * A mock of a task, for `createTestCluster({ mocks })`.
 *
 * ```ts
 * const charging = mockTask(charge).failsOnce('The gateway answers 503.').returns({ id: 'ch_1' });
 * const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
 * await cluster.client.execute(order, input);
 * charging.calls.map(call => call.attempt); // [1, 2]
 * ```
 *
 * @param body what every attempt runs; absent: say it with `.returns`, `.fails`, `.runs` and their `…Once`.
 */
export function mockTask<Task extends AnyTask>(
  task: Task,
  body?: MockBody<InputOf<Task>, OutputOf<Task>, FailuresOf<Task>>,
): TaskMock<InputOf<Task>, OutputOf<Task>, FailuresOf<Task>> {
  const given: unknown = task;
  if (typeof given !== 'object' || given === null || !('kind' in given) || given.kind !== 'task') {
    throw new DfnsError(
      'VALIDATION',
      'mockTask takes what task(…) returned. Steps are mocked by name: mockStep(name).',
    );
  }
  const mock = new TaskMock<InputOf<Task>, OutputOf<Task>, FailuresOf<Task>>(task.name, false);
  return body ? mock.runs(body) : mock;
}

/** A mock of every `ctx.step` of this name. */
export function mockStep<Output = unknown>(
  name: string,
  body?: (t: TaskContext<never>, time: MockTime) => Output | PromiseLike<Output>,
): TaskMock<undefined, Output, never> {
  const mock = new TaskMock<undefined, Output, never>(parseName(name, 'The name of a step'), true);
  return body ? mock.runs((_, t, time) => body(t, time)) : mock;
}

function asError(error: Error | string): Error {
  return typeof error === 'string' ? new Error(error) : error;
}
