import type { DurablePromise } from './durable-promise.ts';

/** A part of a workflow with a ctx of its own. */
export type Thunk<Context, Result = unknown> = (ctx: Context) => Result;

/** What `ctx.race` resolves to: which branch settled first, and with what. */
export type RaceResult<Results> = {
  [Key in keyof Results & string]: { readonly key: Key; readonly value: Results[Key] };
}[keyof Results & string];

/** What `ctx.gather` takes, each: a promise that runs already or a thunk. */
export type Branch<Context> = DurablePromise<unknown> | Thunk<Context>;

/** What a branch of `ctx.gather` resolves to. */
export type BranchResult<Branch> = Branch extends (ctx: never) => infer Result ? Awaited<Result> : Awaited<Branch>;

/** How `ctx.map` goes through its items. */
export interface MapOptions<OnError extends 'fail' | 'collect', Results extends 'array' | 'none'> {
  /** Items in hand at a time. Default 100. */
  readonly concurrency?: number | undefined;
  /** 'fail', the default: the first failure cancels the rest. 'collect': all items run. */
  readonly onError?: OnError | undefined;
  /** 'none' keeps no results, for more items than memory holds. Default 'array'. */
  readonly results?: Results | undefined;
}

/** An item of `ctx.map` that failed. */
export interface MapFailure {
  readonly index: number;
  readonly reason: unknown;
}

/**
 * What `ctx.map` resolves to: results in the order of the items; with onError 'collect' each settled; without results
 * nothing, or with 'collect' the failures.
 */
export type MapResult<Result, OnError, Results> = Results extends 'none'
  ? OnError extends 'collect'
    ? MapFailure[]
    : void
  : OnError extends 'collect'
    ? PromiseSettledResult<Result>[]
    : Result[];
