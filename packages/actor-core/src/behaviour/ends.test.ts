import test, { type ExecutionContext } from 'ava';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import type { WorkflowContext } from '../context/workflow-context.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const go = signal<'go', number>('go');
const add = update<'add', number, number>('add');

behaviour(
  'continue-as-new begins another run with its input, and keeps unread signals, attributes and the ids of messages',
  () => [
    workflow({ name: 'w', attributes: { tier: 'keyword' } }, async (ctx, round: number): Promise<unknown> => {
      if (round === 0) {
        ctx.setAttributes({ tier: 'gold' });
        void ctx.sleep('1h');
        await ctx.waitForSignal(signal('next'));
        return ctx.continueAsNew(1);
      }
      return [await ctx.waitForSignal(go), await ctx.waitForSignal(go), await ctx.waitForSignal(go)];
    }),
  ],
  async (t, node) => {
    const first = await node.start('w', 0);
    const messageId = node.messageId();
    await node.signal('go', 1, { messageId });
    await node.signal('go', 2);
    await node.signal('next');
    t.not(node.row().runId, first.runId);
    t.is(node.store.runs.get(first.eid)!.run.status, 'continued-as-new');
    t.is(node.row().first, first.eid);
    t.deepEqual([...(node.row().attributes ?? [])], [['tier', 'gold']]);
    await node.signal('go', 1, { messageId });
    await node.signal('go', 3);
    t.deepEqual(node.outcome().value, [1, 2, 3]);
  },
);

test('what was on its way to one run does not reach the next', async t => {
  const ends = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const node = new FakeNode([
    workflow({ name: 'w' }, async (ctx, round: number): Promise<unknown> => {
      const step = ctx.step('s', () => ends[round]!.promise);
      const timer = ctx.sleep(10 + round * 100);
      if (round === 0) {
        await Promise.race([step, timer]);
        return ctx.continueAsNew(1);
      }
      await timer;
      return step;
    }),
  ]);
  await node.start('w', 0);
  const gate = Promise.withResolvers<void>();
  node.store.beforeCommit = () => gate.promise;
  await node.advance(10);
  // Both come while the turn that continues as new is at the store.
  ends[0]!.resolve('of the first run');
  await node.settle();
  node.store.beforeCommit = null;
  gate.resolve();
  await node.settle();
  await node.advance(110);
  t.is(node.outcome().status, 'running');
  ends[1]!.resolve('of the second run');
  await node.settle();
  t.deepEqual(node.outcome(), { status: 'completed', value: 'of the second run' });
  await node.replayAll();
});

behaviour(
  'running update handlers end before the next run begins',
  () => [
    workflow({ name: 'w', updates: [add] }, async (ctx, round: number): Promise<unknown> => {
      if (round === 1) return 'second';
      let begun = false;
      ctx.on(add, async n => {
        begun = true;
        await ctx.sleep(5);
        return n;
      });
      await ctx.condition(() => begun);
      return ctx.continueAsNew(1);
    }),
  ],
  async (t, node) => {
    const { runId } = await node.start('w', 0);
    const messageId = node.messageId();
    const { outcome } = await node.sendUpdate('add', 7, { messageId });
    t.is(String(node.row().runId), runId);
    await node.advance(5);
    t.is(await outcome, 7);
    t.is(node.outcome().value, 'second');
    t.is(await node.update('add', 7, { messageId }), 7, 'the next run knows the outcome');
  },
);

test('a start whose first turn continues as new leaves nobody waiting', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, async (ctx, n: number): Promise<unknown> => {
      if (n < 3) return ctx.continueAsNew(n + 1);
      return n;
    }),
  ]);
  const [started, result] = await Promise.all([node.start('w', 0), node.engine.result('default', 'a')]);
  t.false(started.existing);
  t.is(result.status, 'completed');
  t.is(node.store.runs.size, 4);
  await node.replayAll();
});

test('a node that dies between the two commits of such a start leaves a run that the next node goes on with', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, async (ctx, n: number): Promise<unknown> => (n === 0 ? ctx.continueAsNew(1) : n)),
  ]);
  let commits = 0;
  node.store.beforeCommit = () => (++commits === 1 ? Promise.resolve() : new Promise(() => undefined));
  const start = node.start('w', 0);
  await node.settle();
  node.store.beforeCommit = null;
  await Promise.all([t.throwsAsync(start, { code: 'UNAVAILABLE' }), node.restart({ crashed: true })]);
  t.is(node.outcome().value, 1);
  await node.replayAll();
});

behaviour(
  'a rejection that nobody has handled at the end fails the execution and names command and line',
  () => [
    workflow({ name: 'w' }, async (ctx: WorkflowContext) => {
      // A file of the user's, as stacks name it.
      // oxlint-disable-next-line typescript/no-implied-eval
      const run = new Function(
        'ctx',
        'void ctx.step("lost", () => { throw new Error("gone"); }, { retry: { maxAttempts: 1 } });\n//# sourceURL=/app/order.js',
      );
      run(ctx);
      await ctx.waitForSignal(go);
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('go', 1);
    t.is(node.outcome().status, 'failed');
    t.regex(node.outcome().error!.message, /Command 1 .*gone.*\/app\/order\.js:\d+/);
  },
);

behaviour(
  'awaiting a failure late is fine',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const failing = ctx.step(
        's',
        () => {
          throw new Error('late');
        },
        { retry: { maxAttempts: 1 } },
      );
      await ctx.waitForSignal(go);
      return failing.catch((e: Error) => e.message);
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('go', 1);
    t.is(node.outcome().value, 'late');
  },
);

behaviour(
  'anything may be thrown',
  () => [
    workflow({ name: 'w' }, async () => {
      throw 'a string';
    }),
  ],
  async (t, node) => {
    await node.start('w');
    t.is(node.outcome().status, 'failed');
    t.regex(node.outcome().error!.message, /a string/);
  },
);

test('workflow code that goes on by a foreign promise holds its execution, and commits nothing of it', async t => {
  let foreign!: () => void;
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      await new Promise<void>(resolve => (foreign = resolve));
      await ctx.step('s', () => 1);
    }),
  ]);
  await node.start('w');
  foreign();
  await node.settle();
  t.is(node.row().held?.code, 'NON_DETERMINISM');
  t.deepEqual(node.commands(), []);
});

test('an update handler that goes on by a foreign promise holds its execution too', async t => {
  let foreign!: () => void;
  const node = new FakeNode([
    workflow({ name: 'w', updates: [add] }, async ctx => {
      ctx.on(add, async n => {
        await new Promise<void>(resolve => (foreign = resolve));
        return n;
      });
      await ctx.waitForSignal(go);
    }),
  ]);
  await node.start('w');
  await node.sendUpdate('add', 1);
  foreign();
  await node.settle();
  t.is(node.row().held?.code, 'NON_DETERMINISM');
});

test('a ctx call after the end throws CLOSED, one from another workflow throws too', async t => {
  let kept!: WorkflowContext;
  const node = new FakeNode([
    workflow({ name: 'w' }, async (ctx: WorkflowContext) => {
      kept = ctx;
      return 1;
    }),
    workflow({ name: 'other' }, async () => {
      try {
        await kept.sleep(1);
        return 'slept';
      } catch (e) {
        return (e as { code: string }).code;
      }
    }),
  ]);
  await node.start('w');
  t.throws(() => void kept.sleep(1), { code: 'CLOSED' });
  await node.start('other', undefined, { id: 'b' });
  t.is(node.outcome('b').value, 'CLOSED');
});

behaviour(
  'now never goes back, random and uuid are the same in replay',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const seen: unknown[] = [ctx.now(), ctx.random(), ctx.uuid()];
      await ctx.waitForSignal(go);
      const later = ctx.now() >= (seen[0] as number);
      return [...seen, ctx.random(), later];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    node.clock.jump(node.clock.now() - 86_400_000);
    await node.signal('go', 1);
    const value = node.outcome().value as unknown[];
    t.is(value.at(-1), true);
    t.not(value[1], value[3]);
  },
);

test('a clock a day ahead for one commit delays no sleep that begins after it', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      await ctx.waitForSignal(go);
      await ctx.waitForSignal(go);
      await ctx.sleep('1m');
      return 'slept';
    }),
  ]);
  await node.start('w');
  const right = node.clock.now();
  node.clock.jump(right + 86_400_000);
  await node.signal('go', 1);
  node.clock.jump(right);
  await node.signal('go', 2);
  await node.advance(59_999);
  t.is(node.outcome().status, 'running');
  await node.advance(1);
  t.is(node.outcome().value, 'slept');
  await node.replayAll();
});

test('log lines are written once, however often the run is read back', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      ctx.log.info('once', { n: 1 });
      await ctx.waitForSignal(go);
    }),
  ]);
  await node.start('w');
  for (let i = 0; i < 3; i++) {
    await node.restart();
    await node.query('none').catch(() => undefined);
  }
  await node.signal('go', 1);
  const lines = node.lines.filter(line => line.message === 'once');
  t.is(lines.length, 1);
  t.like(lines[0]!.fields, { n: 1, executionId: 'a', workflow: 'w' });
});

behaviour(
  'conditions settle in the order of their calls, each drained before the next is looked at',
  () => [
    workflow({ name: 'w' }, async ctx => {
      let free = 0;
      const trace: string[] = [];
      ctx.on(go, n => {
        free += n;
      });
      const take = async (name: string) => {
        await ctx.condition(() => free > 0);
        free--;
        trace.push(name);
      };
      await Promise.all([take('first'), take('second'), take('third')]);
      return [trace, free];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('go', 1);
    await node.signal('go', 2);
    t.deepEqual(node.outcome().value, [['first', 'second', 'third'], 0]);
  },
);

behaviour(
  'a condition gives else at its timeout, or TimeoutError; what its predicate throws rejects it',
  () => [
    workflow({ name: 'w' }, async ctx => [
      await ctx.condition(() => false, { timeout: 5, else: 'else' }),
      await ctx.condition(() => false, { timeout: 5 }).catch((e: { code: string }) => e.code),
      await ctx
        .condition(() => {
          throw new Error('bad');
        })
        .catch((e: Error) => e.message),
      await ctx.condition(() => true),
    ]),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(5);
    await node.advance(5);
    t.deepEqual(node.outcome().value, ['else', 'TIMEOUT', 'bad', true]);
  },
);

behaviour(
  'a long sleep is held and wakes at its time, not before',
  () => [workflow({ name: 'w' }, ctx => ctx.sleep('60d').then(() => ctx.now()))],
  async (t, node) => {
    await node.start('w');
    const due = node.clock.now() + 60 * 86_400_000;
    t.deepEqual(node.engine.glimpse('default', 'a')?.waiting, [{ kind: 'timer', until: due }]);
    await node.advance(60 * 86_400_000 - 1);
    t.is(node.outcome().status, 'running');
    await node.advance(1);
    t.is(node.outcome().value, due);
  },
);

test('a signal to another execution is delivered once, in order; to nobody it is NOT_FOUND', async t => {
  const node = new FakeNode([
    workflow({ name: 'sender' }, async ctx => {
      const to = ctx.execution('b');
      await Promise.all([to.signal(go, 1), to.signal(go, 2)]);
      await to.signal(go, 3);
      return ctx
        .execution('nobody')
        .signal(go, 0)
        .catch((e: { code: string }) => e.code);
    }),
    workflow({ name: 'receiver' }, async ctx => {
      const got: number[] = [];
      while (got.length < 3) got.push(await ctx.waitForSignal(go));
      return got;
    }),
  ]);
  await node.start('receiver', undefined, { id: 'b' });
  await node.start('sender');
  t.is(node.outcome('a').value, 'NOT_FOUND');
  t.deepEqual(node.outcome('b').value, [1, 2, 3]);
  t.is(node.store.inboxRows.size, 0);
  await node.replayAll();
});

behaviour(
  'attributes merge, null removes, and details are kept',
  () => [
    workflow({ name: 'w' }, async ctx => {
      ctx.setAttributes({ a: 1, b: 'x' });
      await ctx.waitForSignal(go);
      ctx.setAttributes({ b: null, c: true });
      ctx.setDetails('# done');
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.signal('go', 1);
    t.deepEqual(Object.fromEntries(node.row().attributes!), { a: 1, c: true });
    t.is(node.row().details, '# done');
  },
);

behaviour(
  'what is begun and never waited for when the workflow returns is told; what was given up or raced is not',
  () => [
    workflow({ name: 'w' }, async ctx => {
      void ctx.step('forgotten', () => new Promise(() => undefined));
      void ctx.sleep('1h');
      ctx.step('given up', () => new Promise(() => undefined)).cancel();
      await Promise.race([ctx.step('slower', () => new Promise(() => undefined)), ctx.sleep(10)]);
      return 'done';
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(10);
    t.is(node.outcome().value, 'done');
    const told = node.lines.filter(({ message }) => /without having waited/.test(message));
    t.deepEqual(
      told.map(({ level, fields }) => [level, fields['workflow'], fields['task']]),
      [['warn', 'w', 'forgotten']],
    );
  },
);
