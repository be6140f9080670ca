import { type TaskContext, type TaskDefinition, type WorkflowContext, task } from '@dfnsjs/actor-core';
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';

declare const ctx: WorkflowContext;

// case: a schema gives the input to the body and to the caller, the function gives the output
{
  const send = task({ name: 'send', input: z.object({ to: z.string() }) }, async (input, t) => {
    expectTypeOf(input).toEqualTypeOf<{ to: string }>();
    expectTypeOf(t).toEqualTypeOf<TaskContext>();
    return { id: input.to.length };
  });
  expectTypeOf(send).toEqualTypeOf<TaskDefinition<{ to: string }, { id: number }>>();
  expectTypeOf(await ctx.run(send, { to: 'mia' })).toEqualTypeOf<{ id: number }>();
  // @ts-expect-error the input is required
  void ctx.run(send);
  // @ts-expect-error the input is of another type
  void ctx.run(send, { to: 1 });
  // @ts-expect-error the input has no such field
  void ctx.run(send, { to: 'mia', cc: 'tom' });
}

// case: a transforming schema gives its input to the caller and its output to the body
{
  const price = task(
    {
      name: 'price',
      input: z.object({ at: z.string().transform(text => new Date(text)), count: z.number().default(1) }),
      output: z.string().transform(Number),
    },
    input => {
      expectTypeOf(input).toEqualTypeOf<{ at: Date; count: number }>();
      return '12';
    },
  );
  expectTypeOf(await ctx.run(price, { at: '2020-01-01' })).toEqualTypeOf<number>();
  // @ts-expect-error the caller gives what the schema takes
  void ctx.run(price, { at: new Date(0) });
}

// case: a body that returns what its output schema does not take is refused
{
  const Level = z.enum(['low', 'high']);
  const level = task({ name: 'level', output: Level }, () => 'low');
  expectTypeOf(await ctx.run(level)).toEqualTypeOf<'low' | 'high'>();
  // @ts-expect-error not one of the enumeration
  task({ name: 'level', output: Level }, () => 'lo');
  // @ts-expect-error nor any string
  task({ name: 'level', output: Level }, async () => String(1));
}

// case: without schemas the function gives input and output
{
  const add = task({ name: 'add' }, async (input: { a: number; b?: number }) => input.a + (input.b ?? 0));
  expectTypeOf(add).toEqualTypeOf<TaskDefinition<{ a: number; b?: number }, number>>();
  expectTypeOf(await ctx.run(add, { a: 1 })).toEqualTypeOf<number>();
  // @ts-expect-error
  void ctx.run(add);
}

// case: a task without input is called without one, with options after undefined
{
  const ping = task({ name: 'ping' }, async () => 'pong' as const);
  expectTypeOf(ping).toEqualTypeOf<TaskDefinition<void, 'pong'>>();
  expectTypeOf(await ctx.run(ping)).toEqualTypeOf<'pong'>();
  void ctx.run(ping, undefined, { timeout: '3s' });
  // @ts-expect-error it takes none
  void ctx.run(ping, 3);
  const nothing = task({ name: 'nothing' }, () => undefined);
  expectTypeOf(await ctx.run(nothing)).toEqualTypeOf<undefined>();
}

// case: a task with an optional input is called with it or without
{
  const byFunction = task({ name: 'greet' }, (name?: string) => `hello ${name}`);
  void ctx.run(byFunction);
  void ctx.run(byFunction, 'mia');
  // @ts-expect-error
  void ctx.run(byFunction, 1);
  const bySchema = task({ name: 'greet', input: z.string().default('you') }, name => name.length);
  void ctx.run(bySchema);
  void ctx.run(bySchema, 'mia');
  // @ts-expect-error
  void ctx.run(bySchema, 1);
}

// case: a task's types can be given by hand
{
  const add = task<number[], number>({ name: 'add' }, numbers => numbers.reduce((a, b) => a + b, 0));
  expectTypeOf(add).toEqualTypeOf<TaskDefinition<number[], number>>();
}

// case: a wrong option name is refused
{
  // @ts-expect-error timout
  task({ name: 'a', timout: '3s' }, () => 1);
  // @ts-expect-error maxAttemps
  task({ name: 'a', retry: { maxAttemps: 3 } }, () => 1);
  const a = task({ name: 'a' }, () => 1);
  // @ts-expect-error timout
  void ctx.run(a, undefined, { timout: '3s' });
}

// case: an option of a later version is refused
{
  // @ts-expect-error
  task({ name: 'a', queue: 'gpu' }, () => 1);
  // @ts-expect-error
  task({ name: 'a', queueTimeout: '5m' }, () => 1);
  // @ts-expect-error
  task({ name: 'a', rateLimit: '10/s' }, () => 1);
  // @ts-expect-error
  task({ name: 'a', maxConcurrent: 2 }, () => 1);
  // @ts-expect-error
  task({ name: 'a', priority: 1 }, () => 1);
}

// case: a task may run in a thread, or not
{
  task({ name: 'a', thread: true }, () => 1);
  // @ts-expect-error
  task({ name: 'a', thread: 2 }, () => 1);
}

// case: a duration without a unit, or with a wrong one, is refused
{
  task({ name: 'a', timeout: 500, totalTimeout: '1.5h', heartbeatTimeout: '10s' }, () => 1);
  // @ts-expect-error
  task({ name: 'a', timeout: '5 parsecs' }, () => 1);
  // @ts-expect-error
  task({ name: 'a', timeout: '10' }, () => 1);
  // @ts-expect-error
  task({ name: 'a', retry: { initial: 'soon' } }, () => 1);
  // @ts-expect-error
  void ctx.sleep('10');
}

// case: an option that may be undefined is accepted
{
  const maybe = { timeout: undefined as '3s' | undefined, attempts: undefined as number | undefined };
  task({ name: 'a', timeout: maybe.timeout, retry: { maxAttempts: maybe.attempts } }, () => 1);
}

// case: one task stands for another of wider input and narrower output
{
  const wide = task({ name: 'a' }, (input: { id: string | number }) => 'x' as const);
  const narrow: TaskDefinition<{ id: string }, string> = wide;
  // @ts-expect-error
  const wrong: TaskDefinition<{ id: boolean }, string> = wide;
}

// case: headers are strings and progress is unknown
{
  task({ name: 'a' }, (_, t) => {
    expectTypeOf(t.lastProgress).toEqualTypeOf<unknown>();
    expectTypeOf(t.headers).toEqualTypeOf<Readonly<Record<string, string>>>();
  });
}
