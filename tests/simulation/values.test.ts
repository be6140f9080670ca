import { TaskError, task, workflow } from '@dfnsjs/actor-core';
import { verifyDurable } from '@dfnsjs/testing';
import test from 'ava';

const kept = { list: [1] };
const shared = task({ name: 'shared' }, () => kept);

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
  readonly sku: string;
  readonly left = new Map([['shelf', 0n]]);

  constructor(sku: string) {
    super(`No ${sku} left.`, { cause: new RangeError('below zero') });
    this.sku = sku;
  }
}

function rich() {
  const value: Record<string, unknown> = {
    date: new Date(1),
    big: 2n ** 80n,
    map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1])]]),
    bytes: new Uint8Array([1, 2]),
    url: new URL('https://example.com/a?b'),
    odd: [undefined, -0, Number.NaN, Number.POSITIVE_INFINITY],
  };
  value['self'] = value;
  return value;
}

test('what a workflow does to its input and to results is its own, live as in replay', async t => {
  const mutates = workflow({ name: 'mutates' }, async (ctx, input: { list: number[] }) => {
    input.list.push(2);
    const first = await ctx.run(shared);
    first.list.push(10);
    await ctx.sleep(1);
    const second = await ctx.run(shared);
    second.list.push(20);
    return { input: input.list, first: first.list, second: second.list, same: first === second };
  });
  const input = { list: [1] };
  t.deepEqual(await verifyDurable(mutates, input), { input: [1, 2], first: [1, 10], second: [1, 20], same: false });
  t.deepEqual(input, { list: [1] });
  t.deepEqual(kept, { list: [1] });
});

test('rich values and cycles are the same after every loss', async t => {
  const carries = workflow({ name: 'carries' }, async (ctx, input: Record<string, unknown>) => {
    const result = await ctx.step('rich', rich);
    await ctx.sleep(1);
    return {
      cycles: result['self'] === result && input['self'] === input,
      kinds: [result, input].map(each => [
        each['date'] instanceof Date,
        each['map'] instanceof Map,
        each['url'] instanceof URL,
        Object.is((each['odd'] as unknown[])[1], -0),
      ]),
      big: result['big'],
      result,
    };
  });
  const got = await verifyDurable(carries, rich());
  t.true(got.cycles);
  t.deepEqual(got.kinds, [Array(4).fill(true), Array(4).fill(true)]);
  t.is(got.big, 2n ** 80n);
  t.is(got.result['self'], got.result);
});

test('an error of its own class keeps name, fields and cause, live as in replay', async t => {
  const fails = workflow({ name: 'fails' }, async ctx => {
    try {
      return await ctx.step(
        'take',
        (): never => {
          throw new OutOfStock('bolt');
        },
        { retry: { maxAttempts: 2, initial: 5 } },
      );
    } catch (error) {
      await ctx.sleep(1);
      if (!(error instanceof TaskError)) throw error;
      const cause = error.cause as OutOfStock;
      return {
        message: error.message,
        attempt: error.attempt,
        name: cause.name,
        sku: cause.sku,
        left: cause.left,
        root: (cause.cause as Error).message,
      };
    }
  });
  t.deepEqual(await verifyDurable(fails, undefined), {
    message: 'No bolt left.',
    attempt: 2,
    name: 'OutOfStock',
    sku: 'bolt',
    left: new Map([['shelf', 0n]]),
    root: 'below zero',
  });
});
