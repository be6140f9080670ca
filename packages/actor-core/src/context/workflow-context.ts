import type { AttributeChanges, AttributeTypes } from '../definition/attribute-types.ts';
import type { Awaitable, InputArgs, InputOf } from '../definition/inference.ts';
import type { Logger } from '../definition/logger.ts';
import type { QueryDefinition } from '../definition/query.ts';
import type { RunOptions } from '../definition/run-options.ts';
import type { AnySignal, PayloadOf, SignalDefinition } from '../definition/signal.ts';
import type { TaskContext } from '../definition/task-context.ts';
import type { TaskDefinition } from '../definition/task.ts';
import type { NoFailures, TypedFailure } from '../definition/typed-failure.ts';
import type { UpdateDefinition } from '../definition/update.ts';
import type { AnyWorkflowReference, SignalsOf } from '../definition/workflow-reference.ts';
import type { Duration, Instant, Millis } from '../time/duration.ts';
import type { Branch, BranchResult, MapOptions, MapResult, RaceResult, Thunk } from './branches.ts';
import type { DurablePromise } from './durable-promise.ts';

/**
 * What a workflow does the world through. Every call is recorded, so that the function can run again anywhere and come
 * to the same place. A call from outside the workflow's turn throws.
 *
 * A function that serves several workflows takes a plain `WorkflowContext`.
 */
export interface WorkflowContext<
  Input = never,
  FailureInputs = NoFailures,
  Attributes extends AttributeTypes = AttributeTypes,
> {
  readonly info: WorkflowInfo;
  /** Silent in replay. */
  readonly log: Logger;
  /** Aborted by cancellation of this ctx's scope. */
  readonly abortSignal: AbortSignal;

  /** Runs a task. Rejects with TaskError, whose `cause` is the original, when its retries end. */
  run<TaskInput, Output>(
    task: TaskDefinition<TaskInput, Output>,
    ...args: InputArgs<NoInfer<TaskInput>, RunOptions>
  ): DurablePromise<Output>;
  /** Runs an inline function as a task of this name. */
  step<Output>(
    name: string,
    run: (t: TaskContext) => Output | PromiseLike<Output>,
    options?: RunOptions,
  ): DurablePromise<Output>;

  sleep(duration: Duration): DurablePromise<void>;
  sleepUntil(instant: Instant): DurablePromise<void>;

  /**
   * The next payload of a signal; of several signals `{ signal, payload }`, the first to come, `signal` being its name.
   * At the timeout `else`, or TimeoutError without one.
   */
  waitForSignal<Signals extends AnySignal | readonly AnySignal[], Else>(
    signals: Signals,
    options: ElseOptions<Else>,
  ): DurablePromise<Received<Signals> | Else>;
  waitForSignal<Signals extends AnySignal | readonly AnySignal[]>(
    signals: Signals,
    options?: WaitOptions,
  ): DurablePromise<Received<Signals>>;
  /** Payloads of a signal as they come; the same queue as `waitForSignal`. */
  signals<Payload>(signal: SignalDefinition<string, Payload, never>): AsyncIterable<Payload>;

  /** Answers a query. The handler only reads, and is synchronous. */
  on<Parsed, Returned>(
    query: QueryDefinition<string, never, unknown, Parsed, Returned>,
    handler: (input: Parsed) => Returned,
  ): void;
  /** Acts on an update and answers it. */
  on<Parsed, Returned>(
    update: UpdateDefinition<string, never, unknown, Parsed, Returned>,
    handler: (input: Parsed) => Returned | PromiseLike<Returned>,
    options?: UpdateHandlerOptions<Parsed>,
  ): void;
  /** Acts on each payload of a signal; such a signal cannot be waited for as well. */
  on<Payload>(
    signal: SignalDefinition<string, Payload, never>,
    handler: (payload: Payload) => unknown,
    options?: HandlerOptions,
  ): void;

  /** Resolves with true once `predicate` holds. At the timeout with `else`, or TimeoutError without one. */
  condition<Else>(predicate: () => boolean, options: ElseOptions<Else>): DurablePromise<true | Else>;
  condition(predicate: () => boolean, options?: WaitOptions): DurablePromise<true>;

  /** The first branch to settle; the others are cancelled. */
  race<Results>(branches: {
    readonly [Key in keyof Results]: Thunk<WorkflowContext<Input, FailureInputs, Attributes>, Awaitable<Results[Key]>>;
  }): DurablePromise<RaceResult<Results>>;
  /** All results, in shape. The first failure cancels the rest, unless `settle`. */
  gather<
    const Branches extends
      | readonly Branch<WorkflowContext<Input, FailureInputs, Attributes>>[]
      | Readonly<Record<string, Branch<WorkflowContext<Input, FailureInputs, Attributes>>>>,
  >(
    branches: Branches,
    options: { readonly settle: true },
  ): DurablePromise<{ -readonly [Key in keyof Branches]: PromiseSettledResult<BranchResult<Branches[Key]>> }>;
  gather<
    const Branches extends
      | readonly Branch<WorkflowContext<Input, FailureInputs, Attributes>>[]
      | Readonly<Record<string, Branch<WorkflowContext<Input, FailureInputs, Attributes>>>>,
  >(
    branches: Branches,
    options?: { readonly settle?: false | undefined },
  ): DurablePromise<{ -readonly [Key in keyof Branches]: BranchResult<Branches[Key]> }>;
  /** Fan-out with a bound. `items` must be the same in replay. */
  map<Item, Result, OnError extends 'fail' | 'collect' = 'fail', Results extends 'array' | 'none' = 'array'>(
    items: Iterable<Item> | AsyncIterable<Item>,
    run: (
      item: Item,
      index: number,
      ctx: WorkflowContext<Input, FailureInputs, Attributes>,
    ) => Result | PromiseLike<Result>,
    options?: MapOptions<OnError, Results>,
  ): DurablePromise<MapResult<Result, OnError, Results>>;

  /** A part that can be cancelled by itself. Its timeout throws TimeoutError and leaves the rest untouched. */
  scope<Result>(
    run: (ctx: ScopeContext<Input, FailureInputs, Attributes>) => Result | PromiseLike<Result>,
    options?: { readonly timeout?: Duration | undefined },
  ): DurablePromise<Result>;
  /** A part that cancellation does not reach, for cleaning up. */
  shielded<Result>(
    run: (ctx: WorkflowContext<Input, FailureInputs, Attributes>) => Result | PromiseLike<Result>,
  ): DurablePromise<Result>;

  /** Another execution of the namespace. */
  execution(id: string): OtherExecution;
  execution<Workflow extends AnyWorkflowReference>(workflow: Workflow, id: string): OtherExecution<SignalsOf<Workflow>>;

  /** Ends this run and starts the next with an empty journal; the promise never settles. */
  continueAsNew(...args: InputArgs<Input, { readonly version?: number | undefined }>): DurablePromise<never>;
  /** A failure that the workflow declares in `errors`: `throw ctx.fail('OutOfStock', { sku })`. */
  fail<Code extends keyof FailureInputs & string>(code: Code, data: FailureInputs[Code]): TypedFailure;

  /** Milliseconds since the epoch; never goes back. */
  now(): Millis;
  /** 0 to below 1. */
  random(): number;
  uuid(): string;

  /** Merges searchable values; null removes. */
  setAttributes(changes: AttributeChanges<Attributes>): void;
  /** What people see of this execution, in Markdown. */
  setDetails(markdown: string): void;
}

/** The ctx of a `scope`. */
export interface ScopeContext<
  Input = never,
  FailureInputs = NoFailures,
  Attributes extends AttributeTypes = AttributeTypes,
> extends WorkflowContext<Input, FailureInputs, Attributes> {
  cancel(reason?: string): void;
}

/** What a workflow knows of its own execution and run. */
export interface WorkflowInfo {
  readonly executionId: string;
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly namespace: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The journal is long: time for `continueAsNew`. */
  readonly continueAsNewSuggested: boolean;
}

/** How long a wait lasts; without `timeout` for ever. */
export interface WaitOptions {
  readonly timeout?: Duration | undefined;
}

/** How long a wait lasts, and what it gives then in place of a TimeoutError. */
export interface ElseOptions<Else> {
  readonly timeout: Duration;
  /** What the wait resolves to at the timeout. */
  readonly else: Else;
}

/** How a handler of `ctx.on` runs. */
export interface HandlerOptions {
  /** One at a time, in order. Default: they interleave at their awaits. */
  readonly serial?: boolean | undefined;
}

/** How a handler of updates runs, and which it takes. */
export interface UpdateHandlerOptions<Parsed> extends HandlerOptions {
  /** Throws to refuse the update, which then leaves no trace. Only reads, and is synchronous. */
  readonly validate?: ((input: Parsed) => void) | undefined;
}

/** What a wait for a signal, or for the first of several, resolves to. */
export type Received<Signals> = Signals extends readonly (infer Signal)[] ? ReceivedSignal<Signal> : PayloadOf<Signals>;

type ReceivedSignal<Signal> = Signal extends AnySignal
  ? { readonly signal: Signal['name']; readonly payload: PayloadOf<Signal> }
  : never;

/** An execution of the namespace, as workflow code reaches it. */
export interface OtherExecution<Signals extends AnySignal = AnySignal> {
  readonly id: string;
  /** Delivered once. Rejects with NOT_FOUND or CLOSED. */
  signal<Signal extends Signals>(signal: Signal, ...payload: InputArgs<InputOf<Signal>>): DurablePromise<void>;
}
