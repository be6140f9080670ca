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
  'signals that come before anyone waits are kept, in order of arrival over all names',
  () => [
    workflow({ name: 'w' }, async ctx => {
      await ctx.waitForSignal(go);
      const got: unknown[] = [];
      for (let i = 0; i < 4; i++) got.push(await ctx.waitForSignal([a, b]));
      return got;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('a', 1);
    await node.signal('b', 2);
    await node.signal('a', 3);
    await node.signal('go');
    await node.signal('b', 4);
    t.deepEqual(node.outcome().value, [
      { signal: 'a', payload: 1 },
      { signal: 'b', payload: 2 },
      { signal: 'a', payload: 3 },
      { signal: 'b', payload: 4 },
    ]);
  },
);

behaviour(
  'two waits for the same signal get one each, the earlier wait first',
  () => [workflow({ name: 'w' }, ctx => Promise.all([ctx.waitForSignal(a), ctx.waitForSignal(a)]))],
  async (t, node) => {
    await node.start('w');
    await node.signal('a', 1);
    await node.signal('a', 2);
    t.deepEqual(node.outcome().value, [1, 2]);
  },
);

behaviour(
  'a wait gives else at its timeout, and a later signal goes to the next wait',
  () => [
    workflow({ name: 'w' }, async ctx => [
      await ctx.waitForSignal(a, { timeout: '1m', else: 'nobody' }),
      await ctx.waitForSignal(a),
    ]),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(60_000);
    await node.signal('a', 5);
    t.deepEqual(node.outcome().value, ['nobody', 5]);
  },
);

behaviour(
  'without else a wait that times out throws TimeoutError, also where else is undefined it does not',
  () => [
    workflow({ name: 'w' }, async ctx => [
      await ctx.waitForSignal(a, { timeout: 10 }).catch((e: { code: string }) => e.code),
      await ctx.waitForSignal(a, { timeout: 10, else: undefined }),
    ]),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(10);
    await node.advance(10);
    t.deepEqual(node.outcome().value, ['TIMEOUT', undefined]);
  },
);

behaviour(
  'a loop over signals that is left leaves the rest for later readers',
  () => [
    workflow({ name: 'w' }, async ctx => {
      await ctx.waitForSignal(go);
      let sum = 0;
      for await (const n of ctx.signals(a)) {
        sum += n;
        if (sum >= 3) break;
      }
      return [sum, await ctx.waitForSignal(a)];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    for (const n of [1, 2, 3]) await node.signal('a', n);
    await node.signal('go');
    t.deepEqual(node.outcome().value, [3, 3]);
  },
);

behaviour(
  'a handler gets what came before it was there, then each as it comes; serial ones run one at a time',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const trace: string[] = [];
      await ctx.waitForSignal(go);
      ctx.on(
        a,
        async n => {
          trace.push(`begin ${n}`);
          await ctx.sleep(10);
          trace.push(`end ${n}`);
        },
        { serial: true },
      );
      await ctx.condition(() => trace.length === 6);
      return trace;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('a', 1);
    await node.signal('a', 2);
    await node.signal('go');
    await node.signal('a', 3);
    for (let i = 0; i < 3; i++) await node.advance(10);
    t.deepEqual(node.outcome().value, ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  },
);

behaviour(
  'a signal with a handler and a wait is an error, whichever comes first',
  () => [
    workflow({ name: 'w' }, async ctx => {
      ctx.on(a, () => undefined);
      const code = (e: unknown) => (e as { code: string }).code;
      const errors: string[] = [];
      try {
        await ctx.waitForSignal(a);
      } catch (e) {
        errors.push(code(e));
      }
      const wait = ctx.waitForSignal(b);
      try {
        ctx.on(b, () => undefined);
      } catch (e) {
        errors.push(code(e));
      }
      await wait;
      return errors;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('b', 1);
    t.deepEqual(node.outcome().value, ['VALIDATION', 'VALIDATION']);
  },
);

behaviour(
  'what a signal handler throws fails the execution unless somebody handles it',
  () => [
    workflow({ name: 'w' }, async ctx => {
      ctx.on(a, async () => {
        await ctx.sleep(1);
        throw new Error('in the handler');
      });
      await ctx.waitForSignal(go);
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('a', 1);
    await node.advance(1);
    t.is(node.outcome().status, 'running');
    await node.signal('go');
    t.is(node.outcome().status, 'failed');
    t.regex(node.outcome().error!.message, /in the handler/);
  },
);

behaviour(
  'the same message twice is one signal',
  () => [workflow({ name: 'w' }, async ctx => [await ctx.waitForSignal(a), await ctx.waitForSignal(a)])],
  async (t, node) => {
    await node.start('w');
    const messageId = node.messageId();
    await node.signal('a', 1, { messageId });
    await node.signal('a', 1, { messageId });
    t.is(node.outcome().status, 'running');
    await node.signal('a', 2);
    t.deepEqual(node.outcome().value, [1, 2]);
  },
);

test('a signal to an unknown id is NOT_FOUND, to a closed one CLOSED, and nothing is stored', async t => {
  const node = new FakeNode([workflow({ name: 'w' }, () => 1)]);
  await t.throwsAsync(node.signal('a', 1, { id: 'nobody' }), { code: 'NOT_FOUND' });
  await node.start('w');
  const batches = node.store.batches.length;
  await t.throwsAsync(node.signal('a', 1), { code: 'CLOSED' });
  t.is(node.store.batches.length, batches);
});

test('a signal that was taken before the end is told as accepted when it is sent again after it', async t => {
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.waitForSignal(a))]);
  await node.start('w');
  const messageId = node.messageId();
  await node.signal('a', 1, { messageId });
  t.is(node.outcome().status, 'completed');
  await t.notThrowsAsync(node.signal('a', 1, { messageId }));
});

test('payloads cross encoded: what the workflow changes is its own', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      const list = await ctx.waitForSignal(signal<'list', number[]>('list'));
      list.push(2);
      return list;
    }),
  ]);
  await node.start('w');
  const list = [1];
  await node.signal('list', list);
  t.deepEqual(node.outcome().value, [1, 2]);
  t.deepEqual(list, [1]);
  await node.replayAll();
});
