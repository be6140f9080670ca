import { expectTypeOf } from 'expect-type';
import type { ClientCall, Middleware, TaskContext, WorkflowContext } from 'dfns';

// case: each part of middleware gets its own call, and next resolves to what came of it
{
  const middleware: Middleware = {
    task: async (call, next) => {
      expectTypeOf(call.t).toEqualTypeOf<TaskContext>();
      expectTypeOf(await next()).toBeUnknown();
      return next({ ...call, input: 1 });
    },
    workflow: (call, next) => {
      expectTypeOf(call.ctx).toEqualTypeOf<WorkflowContext>();
      expectTypeOf(call.version).toBeNumber();
      return next();
    },
    client: (call, next) => {
      expectTypeOf(call).toEqualTypeOf<ClientCall>();
      return next({ ...call, headers: { tenant: 'acme' } });
    },
  };
  expectTypeOf(middleware.task).not.toBeAny();
}

// case: what is no part of middleware, and a call of another kind, are refused
{
  // @ts-expect-error
  const other: Middleware = { tasks: () => 1 };
  // @ts-expect-error
  const wrong: Middleware = { task: (call, next) => next({ ...call, headers: {} }) };
  expectTypeOf([other, wrong]).not.toBeAny();
}
