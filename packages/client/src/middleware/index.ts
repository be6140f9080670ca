import type { Layer, TaskCall, WorkflowCall } from '@dfnsjs/actor-core';
import type { ClientMiddleware } from './call.ts';

export type { ClientCall, ClientMiddleware } from './call.ts';
export { withMiddleware } from './with-middleware.ts';

/** Each part is `(call, next) => …`. */
export interface Middleware {
  readonly task?: Layer<TaskCall> | undefined;
  readonly workflow?: Layer<WorkflowCall> | undefined;
  readonly client?: ClientMiddleware | undefined;
}

/** One part of the middleware, the outermost first. */
export function layers<Part extends keyof Middleware>(
  middleware: readonly Middleware[],
  part: Part,
): readonly NonNullable<Middleware[Part]>[] {
  return middleware.flatMap(each => each[part] ?? []) as NonNullable<Middleware[Part]>[];
}
