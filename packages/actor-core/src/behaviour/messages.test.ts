import test, { type ExecutionContext } from 'ava';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import { encode } from '../payload/encode.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const go = signal('go');
const add = update<'add', number, number>('add');
const total = query<'total', void, number>('total');

/** Sells three seats to whoever asks first. */
const seats = () =>
  workflow({ name: 'seats', updates: [add], queries: [total] }, async ctx => {
    let left = 3;
    ctx.on(total, () => left);
    ctx.on(
      add,
      n => {
        left -= n;
        return left;
      },
      {
        validate: n => {
          if (n > left) throw new Error(`only ${left} left`);
        },
      },
    );
    await ctx.waitForSignal(go);
    return left;
  });

behaviour(
  'an update is validated at its place in the order, changes the state and is answered',
  () => [seats()],
  async (t, node) => {
    await node.start('seats');
    t.is(await node.update('add', 2), 1);
    await t.throwsAsync(node.update('add', 2), { code: 'UPDATE_REJECTED', message: 'only 1 left' });
    t.is(await node.query('total'), 1);
    await node.signal('go');
    t.is(node.outcome().value, 1);
  },
);

test('of two competing updates in one turn one gets the last seat', async t => {
  const node = new FakeNode([seats()]);
  await node.start('seats');
  const outcomes = await Promise.allSettled([node.update('add', 2), node.update('add', 2)]);
  t.deepEqual(outcomes.map(o => o.status).sort(), ['fulfilled', 'rejected']);
  t.is(await node.query('total'), 1);
  await node.replayAll();
});

test('a refused update leaves no trace in the journal', async t => {
  const node = new FakeNode([seats()]);
  await node.start('seats');
  const before = node.journalBytes();
  const batches = node.store.batches.length;
  await t.throwsAsync(node.update('add', 9));
  t.deepEqual(node.journalBytes(), before);
  t.is(node.store.batches.length, batches);
});

test('a refusal that rests on a turn in hand is told when that is durable, not before', async t => {
  const node = new FakeNode([seats()]);
  await node.start('seats');
  const gate = Promise.withResolvers<void>();
  node.store.beforeCommit = () => gate.promise;
  const taken = node.engine.update('default', 'a', 'add', encode(2, 'input'), node.messageId());
  const told: string[] = [];
  const { outcome } = await node.sendUpdate('add', 2);
  outcome.catch(() => told.push('refused'));
  await node.settle();
  t.deepEqual(told, []);
  gate.resolve();
  await taken;
  await t.throwsAsync(outcome, { code: 'UPDATE_REJECTED' });
});

behaviour(
  'an update that is sent again is answered with the first outcome',
  () => [seats()],
  async (t, node) => {
    await node.start('seats');
    const messageId = node.messageId();
    t.is(await node.update('add', 1, { messageId }), 2);
    t.is(await node.update('add', 1, { messageId }), 2);
    await node.signal('go');
    t.is(await node.update('add', 1, { messageId }), 2);
    await t.throwsAsync(node.update('add', 1), { code: 'CLOSED' });
  },
);

behaviour(
  'a handler that throws answers UPDATE_FAILED and the execution goes on; handlers may run steps',
  () => [
    workflow({ name: 'w', updates: [add] }, async ctx => {
      ctx.on(add, async n => {
        const doubled = await ctx.step('double', () => n * 2);
        if (doubled > 5) throw new Error('too much');
        return doubled;
      });
      await ctx.waitForSignal(go);
    }),
  ],
  async (t, node) => {
    await node.start('w');
    t.is(await node.update('add', 2), 4);
    await t.throwsAsync(node.update('add', 3), { code: 'UPDATE_FAILED', message: /too much/ });
    await node.signal('go');
    t.is(node.outcome().status, 'completed');
  },
);

behaviour(
  'serial handlers run one at a time, others interleave at their awaits',
  () => [
    workflow({ name: 'w', updates: [add] }, async ctx => {
      const trace: string[] = [];
      const slow = async (n: number) => {
        trace.push(`+${n}`);
        await ctx.sleep(10);
        trace.push(`-${n}`);
        return n;
      };
      ctx.on(add, slow, { serial: true });
      await ctx.waitForSignal(go);
      return trace.join('');
    }),
  ],
  async (t, node) => {
    await node.start('w');
    const first = await node.sendUpdate('add', 1);
    const second = await node.sendUpdate('add', 2);
    await node.advance(10);
    await node.advance(10);
    t.deepEqual(await Promise.all([first.outcome, second.outcome]), [1, 2]);
    await node.signal('go');
    t.is(node.outcome().value, '+1-1+2-2');
  },
);

behaviour(
  'handlers that still run at the end are waited for; when the function throws they are answered CLOSED',
  () => [
    workflow({ name: 'w', updates: [add] }, async (ctx, fails: boolean) => {
      let begun = false;
      ctx.on(add, async n => {
        begun = true;
        await ctx.sleep(100);
        return n;
      });
      await ctx.condition(() => begun);
      if (fails) throw new Error('ended');
      return 'ended';
    }),
  ],
  async (t, node) => {
    await node.start('w', false, { id: 'good' });
    const good = await node.sendUpdate('add', 1, { id: 'good' });
    t.is(node.outcome('good').status, 'running');
    await node.advance(100);
    t.is(await good.outcome, 1);
    t.is(node.outcome('good').status, 'completed');
    await node.start('w', true, { id: 'bad' });
    const bad = await node.sendUpdate('add', 1, { id: 'bad' });
    await t.throwsAsync(bad.outcome, { code: 'CLOSED' });
    t.is(node.outcome('bad').status, 'failed');
  },
);

test('a declared update that comes before its handler waits for it; an unknown one is told the known names', async t => {
  const node = new FakeNode([
    workflow({ name: 'w', updates: [add] }, async ctx => {
      await ctx.waitForSignal(go);
      ctx.on(add, n => n + 1);
      await ctx.waitForSignal(go);
    }),
  ]);
  await node.start('w');
  const early = await node.sendUpdate('add', 1);
  await t.throwsAsync(node.update('sub', 1), { code: 'NOT_FOUND', message: /add/ });
  await node.signal('go');
  t.is(await early.outcome, 2);
  await node.replayAll();
});

behaviour(
  'a declared update whose handler comes with the next run waits for that',
  () => [
    workflow({ name: 'w', updates: [add] }, async (ctx, n: number): Promise<unknown> => {
      if (n === 0) {
        await ctx.waitForSignal(go);
        return ctx.continueAsNew(1);
      }
      ctx.on(add, x => x + n);
      return ctx.waitForSignal(go);
    }),
  ],
  async (t, node) => {
    await node.start('w', 0);
    const early = await node.sendUpdate('add', 1);
    await node.signal('go');
    t.is(await early.outcome, 2);
  },
);

test('an update is told that its execution has ended when that is durable, not before', async t => {
  const node = new FakeNode([workflow({ name: 'w', updates: [add] }, ctx => ctx.waitForSignal(go))]);
  await node.start('w');
  const { outcome } = await node.sendUpdate('add', 1);
  let told = false;
  outcome.catch(() => (told = true));
  const gate = Promise.withResolvers<void>();
  node.store.beforeCommit = () => gate.promise;
  const ended = node.engine.signal('default', 'a', 'go', encode(1, ''), node.messageId());
  await node.settle();
  t.false(told);
  gate.resolve();
  await ended;
  await t.throwsAsync(outcome, { code: 'CLOSED' });
});

test('a refused update is answered although its turn cannot stand', async t => {
  const node = new FakeNode([
    workflow({ name: 'w', updates: [add] }, async ctx => {
      ctx.on(add, n => n, {
        validate: () => {
          throw new Error('never');
        },
      });
      await ctx.waitForSignal(go);
      for (let i = 0; i < 10_001; i++) void ctx.sleep(1);
    }),
  ]);
  await node.start('w');
  const refused = node.engine.update('default', 'a', 'add', encode(1, ''), node.messageId());
  const signalled = node.engine.signal('default', 'a', 'go', encode(1, ''), node.messageId());
  await t.throwsAsync(refused, { code: 'UNAVAILABLE', message: /held/ });
  await signalled;
});

test('a declared update whose handler never comes is CLOSED at the end', async t => {
  const node = new FakeNode([workflow({ name: 'w', updates: [add] }, ctx => ctx.waitForSignal(go))]);
  await node.start('w');
  const early = await node.sendUpdate('add', 1);
  await node.signal('go');
  await t.throwsAsync(early.outcome, { code: 'CLOSED' });
});

test('an asynchronous validator is refused, and harms nothing', async t => {
  const node = new FakeNode([
    workflow({ name: 'w', updates: [add] }, async ctx => {
      const late = (): unknown => Promise.reject(new Error('late'));
      ctx.on(add, n => n, { validate: late });
      await ctx.waitForSignal(go);
    }),
  ]);
  await node.start('w');
  await t.throwsAsync(node.update('add', 1), { code: 'UPDATE_REJECTED', message: /asynchronous/ });
});

test('a query that calls ctx throws, and the execution is unharmed', async t => {
  const node = new FakeNode([
    workflow({ name: 'w', queries: [total] }, async ctx => {
      ctx.on(total, () => {
        void ctx.sleep(1);
        return 1;
      });
      await ctx.waitForSignal(go);
      return 'fine';
    }),
  ]);
  await node.start('w');
  await t.throwsAsync(node.query('total'), { message: /outside its turn/ });
  await node.signal('go');
  t.is(node.outcome().value, 'fine');
  await node.replayAll();
});

test('queries see committed state, of closed executions too, and as of a past turn; they change no history', async t => {
  const node = new FakeNode([seats()]);
  await node.start('seats');
  await node.update('add', 1);
  await node.update('add', 1);
  const before = node.journalBytes();
  for (let i = 0; i < 5; i++) t.is(await node.query('total'), 1);
  t.is(await node.query('total', undefined, { atTurn: 2 }), 2);
  t.deepEqual(node.journalBytes(), before);
  await node.signal('go');
  t.is(await node.query('total'), 1);
  await t.throwsAsync(node.query('other'), { code: 'NOT_FOUND', message: /total/ });
  await t.throwsAsync(node.query('total', undefined, { atTurn: 99 }), { code: 'VALIDATION' });
  await t.throwsAsync(node.query('total', undefined, { id: 'nobody' }), { code: 'NOT_FOUND' });
});

test('a query asked while a commit is on its way is answered when that is durable', async t => {
  const node = new FakeNode([seats()]);
  await node.start('seats');
  const gate = Promise.withResolvers<void>();
  node.store.beforeCommit = () => gate.promise;
  const { outcome } = await node.sendUpdate('add', 1);
  let answered = false;
  const asked = node.query('total').then(value => ((answered = true), value));
  await node.settle();
  t.false(answered);
  gate.resolve();
  t.is(await asked, 2);
  t.is(await outcome, 2);
});
