import {
  type DurablePromise,
  type MapFailure,
  type WorkflowContext,
  query,
  signal,
  task,
  update,
  workflow,
} from '@dfnsjs/actor-core';
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';

declare const ctx: WorkflowContext;
const approval = signal('approval', { input: z.object({ ok: z.coerce.boolean() }) });
const nudge = signal('nudge');
const count = task({ name: 'count' }, async (input: string) => input.length);

// case: ctx calls return durable promises
{
  expectTypeOf(ctx.run(count, 'a')).toEqualTypeOf<DurablePromise<number>>();
  ctx.sleep('1h').cancel('no need');
  expectTypeOf(ctx.sleepUntil(new Date(0))).toEqualTypeOf<DurablePromise<void>>();
  expectTypeOf(ctx.now()).toEqualTypeOf<number>();
}

// case: a step's result is that of its function
{
  expectTypeOf(await ctx.step('a', async t => t.attempt)).toEqualTypeOf<number>();
  expectTypeOf(await ctx.step('a', () => 'x', { timeout: '3s', label: 'first' })).toEqualTypeOf<string>();
  // @ts-expect-error a step declares no failures
  void ctx.step('a', t => t.fail('Any', 1));
}

// case: a wait for a signal resolves to its payload
{
  expectTypeOf(await ctx.waitForSignal(approval)).toEqualTypeOf<{ ok: boolean }>();
  expectTypeOf(await ctx.waitForSignal(nudge, { timeout: '1h' })).toEqualTypeOf<void>();
  expectTypeOf(await ctx.waitForSignal(approval, { timeout: '1h', else: undefined })).toEqualTypeOf<
    { ok: boolean } | undefined
  >();
  expectTypeOf(await ctx.waitForSignal(approval, { timeout: '1h', else: { ok: false } })).toEqualTypeOf<{
    ok: boolean;
  }>();
  // @ts-expect-error
  void ctx.waitForSignal(approval, { timeout: '1 hour' });
  // @ts-expect-error there is no timeout that could lead to it
  void ctx.waitForSignal(approval, { else: 1 });
  // @ts-expect-error
  void ctx.waitForSignal(approval, { timout: '1h' });
  // @ts-expect-error a query is no signal
  void ctx.waitForSignal(query('q'));
}

// case: a wait for several signals tells them apart by name
{
  const received = await ctx.waitForSignal([approval, nudge]);
  if (received.signal === 'approval') expectTypeOf(received.payload).toEqualTypeOf<{ ok: boolean }>();
  else expectTypeOf(received.payload).toEqualTypeOf<void>();
  const late = await ctx.waitForSignal([approval, nudge], { timeout: '1h', else: null });
  expectTypeOf(late).toEqualTypeOf<typeof received | null>();
}

// case: a signal typed by hand
{
  const note = signal<'note', { text: string }>('note');
  expectTypeOf(await ctx.waitForSignal(note)).toEqualTypeOf<{ text: string }>();
  for await (const { text } of ctx.signals(note)) expectTypeOf(text).toEqualTypeOf<string>();
}

// case: handlers get parsed input and return what the output schema takes
{
  ctx.on(query('q', { input: z.string().transform(Number), output: z.number().transform(String) }), input => {
    expectTypeOf(input).toEqualTypeOf<number>();
    return input;
  });
  ctx.on(query('free'), () => ({ any: 'thing' }));
  // @ts-expect-error a query's handler is synchronous
  ctx.on(query('q', { output: z.number() }), async () => 1);
  // @ts-expect-error another result
  ctx.on(query('q', { output: z.number() }), () => 'one');
  ctx.on(
    update('u', { input: z.object({ n: z.number() }), output: z.enum(['a', 'b']) }),
    async input => {
      expectTypeOf(input).toEqualTypeOf<{ n: number }>();
      return input.n > 1 ? 'a' : 'b';
    },
    { validate: ({ n }) => expectTypeOf(n).toEqualTypeOf<number>(), serial: true },
  );
  ctx.on(approval, payload => expectTypeOf(payload).toEqualTypeOf<{ ok: boolean }>(), { serial: true });
  // @ts-expect-error signals are not validated by the workflow
  ctx.on(approval, () => 1, { validate: () => undefined });
  // @ts-expect-error queries have no options
  ctx.on(query('free'), () => 1, { serial: true });
}

// case: a condition resolves with true, or else
{
  expectTypeOf(await ctx.condition(() => true)).toEqualTypeOf<true>();
  expectTypeOf(await ctx.condition(() => true, { timeout: '1h', else: false })).toEqualTypeOf<boolean>();
  // @ts-expect-error a condition is synchronous
  void ctx.condition(async () => true);
}

// case: a race tells its winner by key
{
  const won = await ctx.race({
    paid: scope => scope.waitForSignal(approval),
    counted: scope => scope.run(count, 'a'),
    late: scope => scope.sleep('1h'),
  });
  expectTypeOf(won).toEqualTypeOf<
    | { readonly key: 'paid'; readonly value: { ok: boolean } }
    | { readonly key: 'counted'; readonly value: number }
    | { readonly key: 'late'; readonly value: void }
  >();
  if (won.key === 'counted') expectTypeOf(won.value).toEqualTypeOf<number>();
  const inline = await ctx.race({ a: async scope => `${scope.now()}`, b: async () => 1 });
  if (inline.key === 'a') expectTypeOf(inline.value).toEqualTypeOf<string>();
  // @ts-expect-error losers could not be cancelled
  void ctx.race({ late: ctx.sleep('1h') });
}

// case: gather keeps the shape of what it gathers
{
  expectTypeOf(await ctx.gather([ctx.run(count, 'a'), scope => scope.uuid()])).toEqualTypeOf<[number, string]>();
  expectTypeOf(await ctx.gather(['a', 'b'].map(text => ctx.run(count, text)))).toEqualTypeOf<number[]>();
  expectTypeOf(await ctx.gather({ n: ctx.run(count, 'a'), s: async scope => scope.uuid() })).toEqualTypeOf<{
    n: number;
    s: string;
  }>();
  expectTypeOf(await ctx.gather({ n: ctx.run(count, 'a') }, { settle: true })).toEqualTypeOf<{
    n: PromiseSettledResult<number>;
  }>();
  expectTypeOf(await ctx.gather([ctx.run(count, 'a')], { settle: true })).toEqualTypeOf<
    [PromiseSettledResult<number>]
  >();
  // @ts-expect-error neither a promise nor a thunk
  void ctx.gather([1]);
}

// case: map's result follows its options
{
  const items = new Set(['a', 'b']);
  expectTypeOf(await ctx.map(items, (item, index, scope) => scope.run(count, item + index))).toEqualTypeOf<number[]>();
  expectTypeOf(await ctx.map(items, item => item, { concurrency: 5, onError: 'collect' })).toEqualTypeOf<
    PromiseSettledResult<string>[]
  >();
  expectTypeOf(await ctx.map(items, item => item, { results: 'none' })).toEqualTypeOf<void>();
  expectTypeOf(await ctx.map(items, item => item, { onError: 'collect', results: 'none' })).toEqualTypeOf<
    MapFailure[]
  >();
  // @ts-expect-error
  void ctx.map(items, item => item, { onError: 'ignore' });
  async function* endless() {
    yield 1;
  }
  expectTypeOf(await ctx.map(endless(), async item => item)).toEqualTypeOf<number[]>();
}

// case: a scope can cancel itself, its outer ctx cannot
{
  const result = await ctx.scope(
    async scope => {
      scope.cancel('enough');
      return 1;
    },
    { timeout: '1h' },
  );
  expectTypeOf(result).toEqualTypeOf<number>();
  // @ts-expect-error
  ctx.cancel('enough');
  expectTypeOf(await ctx.shielded(async inner => inner.uuid())).toEqualTypeOf<string>();
}

// case: inner contexts keep the workflow's input, failures and attributes
{
  workflow(
    { name: 'a', input: z.number(), attributes: { tier: 'keyword' }, errors: { Gone: z.string() } },
    async (outer, input) => {
      await outer.race({ a: async scope => scope.setAttributes({ tier: 'gold' }), b: scope => scope.continueAsNew(1) });
      await outer.scope(async scope => {
        // @ts-expect-error
        scope.setAttributes({ colour: 'red' });
        throw scope.fail('Gone', 'away');
      });
    },
  );
}

// case: a helper that takes a plain context serves every workflow
{
  const helper = async (any: WorkflowContext, text: string) => any.run(count, text);
  workflow(
    { name: 'a', input: z.number(), attributes: { tier: 'keyword' }, errors: { Gone: z.string() } },
    async outer => (await helper(outer, 'a')) + (await outer.scope(scope => helper(scope, 'b'))),
  );
  // @ts-expect-error the helper does not know the input
  void ctx.continueAsNew(1);
}

// case: another execution takes the signals of its workflow
{
  const order = workflow({ name: 'order', signals: [approval] });
  void ctx.execution(order, 'order-1').signal(approval, { ok: 1 });
  void ctx.execution('order-1').signal(nudge);
  // @ts-expect-error not declared
  void ctx.execution(order, 'order-1').signal(nudge);
  // @ts-expect-error the payload is required
  void ctx.execution('order-1').signal(approval);
}

// case: a call of a later version is refused
{
  // @ts-expect-error
  void ctx.executeChild;
  // @ts-expect-error
  void ctx.startChild;
  // @ts-expect-error
  void ctx.saga;
  // @ts-expect-error
  void ctx.withLimit;
  // @ts-expect-error
  void ctx.token;
  // @ts-expect-error
  void ctx.write;
  // @ts-expect-error
  void ctx.patched;
  // @ts-expect-error
  void ctx.execution('a').cancel;
}
