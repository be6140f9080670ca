/**
 * The arguments of a call with an `Input`, and options after it: the input may be left out where undefined is one.
 */
export type InputArgs<Input, Options = never> = [Options] extends [never]
  ? undefined extends Input
    ? [input?: Input]
    : [input: Input]
  : undefined extends Input
    ? [input?: Input, options?: Options]
    : [input: Input, options?: Options];

/** What a caller gives to a task, workflow, signal, query or update. */
export type InputOf<Definition> = Definition extends {
  readonly '~types'?: { readonly input: (input: infer Input) => void } | undefined;
}
  ? Input
  : never;

/** What a caller gets from a task, workflow, query or update. */
export type OutputOf<Definition> = Definition extends {
  readonly '~types'?: { readonly output: infer Output } | undefined;
}
  ? Output
  : never;

export type Awaitable<T> = T | PromiseLike<T>;

/**
 * What a body must return. A body is inferred as one type that extends this, beside its parameters: so literals in what
 * it returns keep their types where an output schema asks for them, which `Result | PromiseLike<Result>` as its
 * return type would not do.
 */
export type Returns<Result> = (...args: never[]) => Awaitable<Result>;

/** What a body resolves to. */
export type ResultOf<Body> = Body extends (...args: never[]) => infer Result ? Awaited<Result> : never;
