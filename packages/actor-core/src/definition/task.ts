import { validation } from '../errors/dfns-error.ts';
import { kindOf, readOptions } from '../options/known-options.ts';
import { type TaskPolicy, type TaskPolicyOptions, TASK_POLICY_NAMES, parseTaskPolicy } from '../options/task-policy.ts';
import { isBody, readDefinitionName } from './definition-name.ts';
import type { Awaitable, ResultOf, Returns } from './inference.ts';
import { type Schema, readSchema } from './schema.ts';
import type { TaskContext } from './task-context.ts';
import { type FailureSchemas, type NoFailures, readFailures } from './typed-failure.ts';

/** What is said of a task beside its function. */
export interface TaskOptions<Input, Parsed, Result, Output, Failures, FailureInputs> extends TaskPolicyOptions {
  /** 1 to 128 bytes. What stores and people know it by. */
  readonly name: string;
  /** Parsed before the function runs; input that breaks it fails the task at once. */
  readonly input?: Schema<Input, Parsed> | undefined;
  /** Parses what the function returns. */
  readonly output?: Schema<Result, Output> | undefined;
  /** Failures that callers can tell apart, each with a schema for its data. */
  readonly errors?: FailureSchemas<Failures, FailureInputs> | undefined;
  /**
   * Runs in a pool of worker threads, for work that would hold up the event loop. The task is exported by a file given to
   * `startNode({ files })`, and has no `t.deps`. Default false.
   */
  readonly thread?: boolean | undefined;
}

/** A task, whatever its types: what the engine works with. */
export interface AnyTask extends TaskPolicy {
  readonly kind: 'task';
  readonly name: string;
  readonly inputSchema: Schema | undefined;
  readonly outputSchema: Schema | undefined;
  readonly errors: ReadonlyMap<string, Schema>;
  readonly thread: boolean;
  run(input: unknown, t: TaskContext): unknown;
}

/** A task: `Input` is what `ctx.run` takes, `Output` what it resolves to, `Failures` the data of its failures by code. */
export interface TaskDefinition<in Input, out Output, out Failures = NoFailures> extends AnyTask {
  readonly '~types'?: {
    readonly input: (input: Input) => void;
    readonly output: Output;
    readonly failures: Failures;
  };
}

const NAMES = ['name', 'input', 'output', 'errors', 'thread', ...TASK_POLICY_NAMES] as const;

/**
 * Defines a function that may touch the world. Its result is recorded once; until then it is tried again, by default
 * without limit (1 s × 2 up to 1 min).
 *
 * ```ts
 * const sendEmail = task({ name: 'send-email', timeout: '30s' }, async (input: { to: string }, t) => {
 *   return { id: await smtp(input.to, t.abortSignal) };
 * });
 * ```
 */
export function task<
  Parsed = void,
  Result = unknown,
  Input = Parsed,
  Body extends Returns<Result> = Returns<Result>,
  Output = ResultOf<Body>,
  Failures = NoFailures,
  FailureInputs = NoFailures,
>(
  options: TaskOptions<Input, Parsed, Result, Output, Failures, FailureInputs>,
  run: Body & ((input: Parsed, t: TaskContext<FailureInputs>) => Awaitable<unknown>),
): TaskDefinition<Input, Output, Failures>;
export function task(options: unknown, run: unknown): AnyTask {
  const name = readDefinitionName(options, 'task');
  const what = `task ${JSON.stringify(name)}`;
  const read = readOptions(options, what, NAMES);
  if (!isBody(run)) throw validation(`${what} needs a function after its options, got ${kindOf(run)}.`);
  return Object.freeze({
    kind: 'task',
    name,
    inputSchema: readSchema(read.input, `input of ${what}`),
    outputSchema: readSchema(read.output, `output of ${what}`),
    errors: readFailures(read.errors, what),
    thread: readThread(read.thread, what),
    ...parseTaskPolicy(read, what),
    run,
  });
}

function readThread(value: unknown, what: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw validation(`thread of ${what} must be true or false, got ${kindOf(value)}.`);
}
