import test, { type ExecutionContext } from 'ava';
import { signal } from '../definition/signal.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const a = signal<'a', number>('a');
const b = signal<'b', number>('b');
const go = signal('go');

behaviour(
  'the first branch to settle wins the race; a losing timer goes',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const won = await ctx.race({ signal: c => c.waitForSignal(a), timer: c => c.sleep('1d') });
      await ctx.waitForSignal(go);
      return won;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    t.is(node.engine.parts.timers.size > 0, true);
    await node.signal('a', 9);
    t.deepEqual(
      node.engine.glimpse('default', 'a')?.waiting.map(w => w.kind),
      ['signal'],
    );
    await node.signal('go');
    t.deepEqual(node.outcome().value, { key: 'signal', value: 9 });
  },
);

behaviour(
  'a losing wait takes no signal',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const won = await ctx.race({ timer: c => c.sleep(10), signal: c => c.waitForSignal(a) });
      return [won.key, await ctx.waitForSignal(a)];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(10);
    await node.signal('a', 4);
    t.deepEqual(node.outcome().value, ['timer', 4]);
  },
);

behaviour(
  'a losing wait takes no signal that was there already',
  () => [
    workflow({ name: 'w' }, async ctx => {
      await ctx.waitForSignal(go);
      const won = await ctx.race({ a: c => c.waitForSignal(a), b: c => c.waitForSignal(b) });
      return [won, await ctx.waitForSignal(b)];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('a', 1);
    await node.signal('b', 2);
    await node.signal('go');
    t.deepEqual(node.outcome().value, [{ key: 'a', value: 1 }, 2]);
  },
);

behaviour(
  'Promise.race leaves losers standing',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const loser = ctx.waitForSignal(a);
      await Promise.race([ctx.sleep(10), loser]);
      return loser;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(10);
    await node.signal('a', 4);
    t.is(node.outcome().value, 4);
  },
);

behaviour(
  'a race that its first branch fails rejects with that, and cancels the others',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const seen: string[] = [];
      const won = ctx.race({
        fails: async c => {
          await c.sleep(5);
          throw new Error('first');
        },
        waits: async c => {
          try {
            await c.sleep('1d');
          } catch (e) {
            seen.push((e as { code: string }).code);
            throw e;
          }
        },
      });
      await won.catch((e: Error) => seen.push(e.message));
      return seen;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(5);
    t.deepEqual([...(node.outcome().value as string[])].sort(), ['CANCELLED', 'first']);
  },
);

behaviour(
  'gather gives results in shape, of promises that run and of thunks',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const running = ctx.step('one', () => 1);
      const list = await ctx.gather([running, c => c.step('two', () => 2)]);
      const record = await ctx.gather({ x: c => c.step('three', () => 3), y: () => 4 });
      return [list, record, await ctx.gather([]), await ctx.gather({})];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    t.deepEqual(node.outcome().value, [[1, 2], { x: 3, y: 4 }, [], {}]);
  },
);

behaviour(
  'the first failure of a gather rejects it and cancels the rest, running promises included',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const running = ctx.sleep('1d');
      const error = await ctx
        .gather([
          running,
          c => c.sleep('1d'),
          async c => {
            await c.sleep(1);
            throw new Error('one');
          },
        ])
        .catch((e: Error) => e.message);
      return [error, await running.catch((e: { code: string }) => e.code)];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(1);
    t.deepEqual(node.outcome().value, ['one', 'CANCELLED']);
    t.is(node.engine.parts.timers.size, 1, 'only what looks after resting actors');
  },
);

behaviour(
  'with settle a gather waits for all',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const all = await ctx.gather(
        {
          bad: async () => {
            throw new Error('bad');
          },
          good: c => c.sleep(1).then(() => 'good'),
        },
        { settle: true },
      );
      return [all.bad.status, all.good];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(1);
    t.deepEqual(node.outcome().value, ['rejected', { status: 'fulfilled', value: 'good' }]);
  },
);

behaviour(
  'map keeps the order of items and its bound',
  () => [
    workflow({ name: 'w' }, async ctx => {
      let inHand = 0;
      let most = 0;
      const doubled = await ctx.map(
        [5, 3, 4, 1],
        async (n, i, c) => {
          most = Math.max(most, ++inHand);
          await c.sleep(n);
          inHand--;
          return n * 2 + i;
        },
        { concurrency: 2 },
      );
      return [doubled, most];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    for (let i = 0; i < 12; i++) await node.advance(1);
    t.deepEqual(node.outcome().value, [[10, 7, 10, 5], 2]);
  },
);

behaviour(
  'a failure in map cancels the rest and draws no further item; collect runs all',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const begun: number[] = [];
      const run = async (n: number, _: number, c: typeof ctx) => {
        begun.push(n);
        await c.sleep(n === 2 ? 1 : 10);
        if (n === 2) throw new Error('two');
        return n;
      };
      const failed = await ctx.map([1, 2, 3, 4], run, { concurrency: 2 }).catch((e: Error) => e.message);
      const first = begun.splice(0);
      const collected = await ctx.map([1, 2, 3], run, { onError: 'collect' });
      const none = await ctx.map([2, 1], run, { onError: 'collect', results: 'none' });
      return [failed, first, collected.map(r => r.status), none.map(f => f.index)];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    for (let i = 0; i < 30; i++) await node.advance(1);
    t.deepEqual(node.outcome().value, ['two', [1, 2], ['fulfilled', 'rejected', 'fulfilled'], [0]]);
  },
);

behaviour(
  'map takes async iterables, drawn as places become free',
  () => [
    workflow({ name: 'w' }, async ctx => {
      async function* source() {
        for (let i = 0; i < 3; i++) {
          await ctx.sleep(1);
          yield i;
        }
      }
      return ctx.map(source(), (n, _, c) => c.step('s', () => n * 10), { concurrency: 1 });
    }),
  ],
  async (t, node) => {
    await node.start('w');
    for (let i = 0; i < 6; i++) await node.advance(1);
    t.deepEqual(node.outcome().value, [0, 10, 20]);
  },
);

test('a cancelled map that collects draws no further item', async t => {
  let drawn = 0;
  function* source() {
    while (drawn < 1_000) yield drawn++;
  }
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      await ctx.map(source(), (_, __, c) => c.sleep('1h'), { onError: 'collect', results: 'none', concurrency: 2 });
    }),
  ]);
  await node.start('w');
  await node.cancel();
  t.is(node.outcome().status, 'cancelled');
  t.true(drawn <= 4);
});
