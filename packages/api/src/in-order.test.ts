import test from 'ava';
import { inOrder, type Room } from './in-order.ts';

/** Items that come when they are brought, and work that is done when it is finished. */
function scene({ count = 3, weight = 100 }: Partial<Room> = {}) {
  const brought: ((value: IteratorResult<number>) => void)[] = [];
  const finish = new Map<number, () => void>();
  let asked = 0;
  let returned = false;
  let fail: ((error: Error) => void) | undefined;
  const items: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        asked++;
        return new Promise((resolve, reject) => {
          brought.push(resolve);
          fail = reject;
        });
      },
      return: async () => {
        returned = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const results = inOrder(
    items,
    item => ({ weight: item, result: new Promise<number>(resolve => finish.set(item, () => resolve(item))) }),
    { count, weight },
  );
  const settle = () => new Promise<void>(resolve => void setImmediate(resolve));
  return {
    results,
    bring: async (...values: number[]) => {
      for (const value of values) {
        brought.shift()!({ done: false, value });
        await settle();
      }
    },
    end: () => brought.shift()!({ done: true, value: undefined }),
    fail: (error: Error) => fail?.(error),
    finish: (item: number) => finish.get(item)!(),
    settle,
    asked: () => asked,
    returned: () => returned,
  };
}

test('results come in the order of the items, however they end', async t => {
  const { results, bring, finish, end } = scene();
  const first = results.next();
  await bring(1, 2);
  finish(2);
  finish(1);
  t.is((await first).value, 1);
  t.is((await results.next()).value, 2);
  const last = results.next();
  end();
  t.true((await last).done);
});

test('a result is given while no further item comes', async t => {
  const { results, bring, finish } = scene();
  const first = results.next();
  await bring(1);
  finish(1);
  t.is((await first).value, 1);
});

test('no more is read than there is room for, by count and by weight', async t => {
  const byCount = scene({ count: 2 });
  const first = byCount.results.next();
  await byCount.bring(1, 2);
  await byCount.settle();
  // The third was asked for before there was no room, and waits.
  t.is(byCount.asked(), 3);
  await byCount.bring(3);
  t.is(byCount.asked(), 3);
  byCount.finish(1);
  await first;
  const second = byCount.results.next();
  await byCount.settle();
  t.is(byCount.asked(), 4);
  byCount.finish(2);
  await second;

  const byWeight = scene({ count: 100, weight: 10 });
  void byWeight.results.next();
  await byWeight.bring(50, 7);
  t.is(byWeight.asked(), 2);
});

test('where the items end with an error, the results of those before it come first', async t => {
  const { results, bring, finish, fail } = scene();
  const first = results.next();
  await bring(1);
  fail(new Error('cut off'));
  finish(1);
  t.is((await first).value, 1);
  await t.throwsAsync(results.next(), { message: 'cut off' });
});

test('whoever stops taking results stops the items', async t => {
  const { results, bring, finish, returned } = scene();
  const first = results.next();
  await bring(1);
  finish(1);
  await first;
  await results.return();
  t.true(returned());
});
