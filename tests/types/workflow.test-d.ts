import {
  type AnySignal,
  type AttributesOf,
  type InputArgs,
  type InputOf,
  type NoFailures,
  type OutputOf,
  type QueriesOf,
  type SignalsOf,
  type StartOptions,
  type AttributeValues,
  type UpdatesOf,
  type WorkflowContext,
  type WorkflowDefinition,
  query,
  signal,
  update,
  workflow,
} from '@dfnsjs/actor-core';
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';

const approval = signal('approval', { input: z.object({ by: z.string() }) });
const nudge = signal('nudge');
const stranger = signal('stranger');
const status = query('status', { output: z.enum(['open', 'paid']) });
const setQuantity = update('set-quantity', { input: z.number(), output: z.number() });

/** What a client makes of a workflow's declarations. */
interface Handle<Workflow> {
  signal<S extends SignalsOf<Workflow>>(signal: S, ...payload: InputArgs<InputOf<S>>): Promise<void>;
  query<Q extends QueriesOf<Workflow>>(query: Q, ...input: InputArgs<InputOf<Q>>): Promise<OutputOf<Q>>;
  update<U extends UpdatesOf<Workflow>>(update: U, ...input: InputArgs<InputOf<U>>): Promise<OutputOf<U>>;
  result(): Promise<OutputOf<Workflow>>;
}
declare function start<Workflow>(
  workflow: Workflow,
  ...args: InputArgs<InputOf<Workflow>, StartOptions<AttributeValues<AttributesOf<Workflow>>>>
): Handle<Workflow>;

// case: schemas give input and output to body and caller
{
  const order = workflow(
    {
      name: 'order',
      input: z.object({ due: z.string().transform(text => new Date(text)) }),
      output: z.object({ state: z.enum(['done', 'late']) }),
    },
    async (ctx, input) => {
      expectTypeOf(input).toEqualTypeOf<{ due: Date }>();
      expectTypeOf(ctx).toEqualTypeOf<WorkflowContext<{ due: string }>>();
      return { state: ctx.now() > input.due.getTime() ? 'late' : 'done' };
    },
  );
  expectTypeOf(order).toEqualTypeOf<WorkflowDefinition<{ due: string }, { state: 'done' | 'late' }>>();
  expectTypeOf(await start(order, { due: '2020' }).result()).toEqualTypeOf<{ state: 'done' | 'late' }>();
  // @ts-expect-error the caller gives what the schema takes
  start(order, { due: new Date(0) });
  // @ts-expect-error the input is required
  start(order);
}

// case: without schemas the function gives input and output
{
  const add = workflow({ name: 'add' }, async (ctx, input: { a: number; b: number }) => input.a + input.b);
  expectTypeOf(add).toEqualTypeOf<WorkflowDefinition<{ a: number; b: number }, number>>();
  const none = workflow({ name: 'none' }, async ctx => ctx.now());
  expectTypeOf(none).toEqualTypeOf<WorkflowDefinition<void, number>>();
  start(none);
  start(none, undefined, { id: 'a' });
  // @ts-expect-error it takes no input
  start(none, 1);
}

// case: a body that returns what its output schema does not take is refused
{
  // @ts-expect-error
  workflow({ name: 'a', output: z.number() }, async () => 'one');
  // @ts-expect-error
  workflow({ name: 'a', output: z.number() }).implement(async () => 'one');
}

// case: a definition without a body is implemented elsewhere with its types
{
  const order = workflow({
    name: 'order',
    input: z.object({ sku: z.string() }),
    output: z.number(),
    signals: [approval],
  });
  expectTypeOf(await start(order, { sku: 'a' }).result()).toEqualTypeOf<number>();
  const implemented = order.implement(async (ctx, input) => {
    expectTypeOf(input).toEqualTypeOf<{ sku: string }>();
    return input.sku.length;
  });
  expectTypeOf(implemented).toEqualTypeOf<WorkflowDefinition<{ sku: string }, number, NoFailures, typeof approval>>();
}

// case: a definition without schemas or body takes its types by hand, or from the body
{
  const byHand = workflow<{ sku: string }, number>({ name: 'order' });
  expectTypeOf(await start(byHand, { sku: 'a' }).result()).toEqualTypeOf<number>();
  // @ts-expect-error
  byHand.implement(async (ctx, input: { sku: number }) => 1);
  const byBody = workflow({ name: 'order' }).implement(async (ctx, input: { sku: string }) => input.sku);
  expectTypeOf(byBody).toEqualTypeOf<WorkflowDefinition<{ sku: string }, string>>();
  const alone = workflow({ name: 'order' }).implement(async () => 1);
  expectTypeOf(alone).toEqualTypeOf<WorkflowDefinition<void, number>>();
}

// case: a recursive workflow infers, declared first or with its return type written
{
  const declared = workflow({ name: 'tree', input: z.number(), output: z.number(), signals: [nudge] });
  const tree = declared.implement(async (ctx, depth) => {
    await ctx.execution(declared, `${depth}`).signal(nudge);
    return depth;
  });
  expectTypeOf(tree).toEqualTypeOf<WorkflowDefinition<number, number, NoFailures, typeof nudge>>();
  const inline = workflow({ name: 'tree', signals: [nudge] }, async (ctx, depth: number): Promise<number> => {
    await ctx.execution(inline, `${depth}`).signal(nudge);
    return depth;
  });
  expectTypeOf(inline).toEqualTypeOf<WorkflowDefinition<number, number, NoFailures, typeof nudge>>();
}

// case: continueAsNew takes the workflow's own input
{
  workflow({ name: 'loop' }, async (ctx, input: { n: number }): Promise<string> => {
    if (ctx.info.continueAsNewSuggested) return ctx.continueAsNew({ n: input.n + 1 }, { version: 2 });
    // @ts-expect-error another input
    await ctx.continueAsNew({ m: 1 });
    // @ts-expect-error delay comes later
    await ctx.continueAsNew({ n: 1 }, { delay: '1s' });
    return 'done';
  });
  workflow({ name: 'loop', input: z.string().transform(Number) }, async ctx => ctx.continueAsNew('12'));
  workflow({ name: 'loop' }, async ctx => ctx.continueAsNew());
}

// case: a handle takes declared signals, queries and updates only
{
  const order = workflow(
    { name: 'order', signals: [approval, nudge], queries: [status], updates: [setQuantity] },
    async () => 1,
  );
  const handle = start(order);
  void handle.signal(approval, { by: 'mia' });
  void handle.signal(nudge);
  expectTypeOf(await handle.query(status)).toEqualTypeOf<'open' | 'paid'>();
  expectTypeOf(await handle.update(setQuantity, 3)).toEqualTypeOf<number>();
  // @ts-expect-error not declared
  void handle.signal(stranger);
  // @ts-expect-error not declared
  void handle.query(query('other'));
  // @ts-expect-error not declared
  void handle.update(update('other'));
  // @ts-expect-error another payload
  void handle.signal(approval, { by: 1 });
  // @ts-expect-error the payload is required
  void handle.signal(approval);
  // @ts-expect-error the same name with another payload
  void handle.signal(signal('approval', { input: z.number() }), 3);
}

// case: a handle of a workflow that declares no signals takes any
{
  const order = workflow({ name: 'order' }, async () => 1);
  expectTypeOf<SignalsOf<typeof order>>().toEqualTypeOf<AnySignal>();
  void start(order).signal(stranger);
  void start(order).signal(approval, { by: 'mia' });
}

// case: declared attributes type what is set and given at start
{
  const order = workflow(
    { name: 'order', attributes: { tier: 'keyword', amount: 'number', due: 'date' } },
    async ctx => {
      ctx.setAttributes({ tier: 'gold', amount: 3, due: new Date(0) });
      ctx.setAttributes({ tier: null });
      // @ts-expect-error another type
      ctx.setAttributes({ amount: 'three' });
      // @ts-expect-error not declared
      ctx.setAttributes({ colour: 'red' });
    },
  );
  start(order, undefined, { attributes: { tier: 'gold' } });
  // @ts-expect-error another type
  start(order, undefined, { attributes: { tier: 3 } });
  const any = workflow({ name: 'any' }, async ctx => ctx.setAttributes({ colour: 'red', size: 3, old: null }));
  start(any, undefined, { attributes: { colour: 'red' } });
  // @ts-expect-error no such type
  workflow({ name: 'a', attributes: { tier: 'text' } }, async () => 1);
}

// case: a wrong option name or duration is refused
{
  // @ts-expect-error
  workflow({ name: 'a', timout: '3s' }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', timout: '3s' });
  // @ts-expect-error
  workflow({ name: 'a', timeout: '5 parsecs' }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', runTimeout: '10' }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', onError: 'ignore' }, async () => 1);
  // @ts-expect-error a query is no signal
  workflow({ name: 'a', signals: [status] }, async () => 1);
  const a = workflow({ name: 'a' }, async () => 1);
  // @ts-expect-error
  start(a, undefined, { onConflict: 'ignore' });
  // @ts-expect-error
  start(a, undefined, { delay: '3s' });
}

// case: an option of a later version is refused
{
  // @ts-expect-error
  workflow({ name: 'a', streams: [] }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', retry: {} }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', schedule: '@daily' }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', rateLimit: '10/s' }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', maxConcurrent: 1 }, async () => 1);
  // @ts-expect-error
  workflow({ name: 'a', onClose: undefined }, async () => 1);
}

// case: retention is one time, or one for each way to end
{
  workflow({ name: 'a', retention: '7d' }, async () => 1);
  workflow({ name: 'a', retention: { completed: '1d', failed: '30d', cancelled: 86_400_000 } }, async () => 1);
  // @ts-expect-error no unit
  workflow({ name: 'a', retention: '7' }, async () => 1);
  // @ts-expect-error no such end
  workflow({ name: 'a', retention: { terminated: '7d' } }, async () => 1);
}

// case: onError may decide by the error
{
  workflow({ name: 'a', onError: error => (error instanceof RangeError ? 'hold' : 'fail') }, async () => 1);
  // @ts-expect-error no such verdict
  workflow({ name: 'a', onError: () => 'retry' }, async () => 1);
}
