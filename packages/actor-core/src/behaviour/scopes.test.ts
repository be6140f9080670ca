import test, { type ExecutionContext } from 'ava';
import { signal } from '../definition/signal.ts';
import { CancelledError } from '../errors/cancelled-error.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const go = signal('go');
const codeOf = (e: unknown) => (e as { code?: string }).code;

behaviour(
  'the timeout of a scope throws TimeoutError and leaves the outer part untouched',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const outer = ctx.sleep(100);
      const error = await ctx.scope(c => c.sleep('1d'), { timeout: 10 }).catch(codeOf);
      await outer;
      return [error, await ctx.step('after', () => 'outer')];
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(10);
    await node.advance(90);
    t.deepEqual(node.outcome().value, ['TIMEOUT', 'outer']);
  },
);

behaviour(
  'a scope that ends in time gives its result and leaves no timer',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const result = await ctx.scope(c => c.step('s', () => 5), { timeout: '1d' });
      await ctx.waitForSignal(go);
      return result;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    t.is(node.engine.parts.timers.size, 1, 'only what looks after resting actors');
    await node.signal('go');
    t.is(node.outcome().value, 5);
  },
);

behaviour(
  'cancelling a scope reaches what is in it and nothing else; its later calls throw at once',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const trace: unknown[] = [];
      const part = ctx.scope(async c => {
        c.step('stop', () => undefined).then(
          () => c.cancel('enough'),
          () => undefined,
        );
        await c.sleep('1d').catch((e: Error) => trace.push(e.message, codeOf(e)));
        try {
          await c.sleep(1);
        } catch (e) {
          trace.push(codeOf(e));
        }
        return 'caught';
      });
      trace.push(await part);
      await ctx.sleep(1);
      return trace;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(1);
    t.deepEqual(node.outcome().value, ['Cancelled: enough', 'CANCELLED', 'CANCELLED', 'caught']);
  },
);

behaviour(
  'cancellation comes at each pending wait in the order of the calls, and the execution ends as cancelled',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const order: string[] = [];
      const note = (name: string) => (e: unknown) => {
        order.push(`${name} ${codeOf(e)}`);
        throw e;
      };
      try {
        await Promise.allSettled([
          ctx.sleep('1d').catch(note('sleep')),
          ctx.step('s', () => new Promise(() => undefined)).catch(note('step')),
          ctx.waitForSignal(go).catch(note('wait')),
          ctx.condition(() => false).catch(note('condition')),
        ]);
        await ctx.sleep(1);
      } finally {
        await ctx.shielded(c => c.step('report', () => order.push('reported')));
        ctx.log.info('order', { order });
      }
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.cancel('why');
    const { status, error } = node.outcome();
    t.is(status, 'cancelled');
    t.is(codeOf(error), 'CANCELLED');
    t.deepEqual(node.lines.findLast(line => line.message === 'order')?.fields['order'], [
      'sleep CANCELLED',
      'step CANCELLED',
      'wait CANCELLED',
      'condition CANCELLED',
      'reported',
    ]);
  },
);

behaviour(
  'catching the cancellation and returning completes the execution',
  () => [workflow({ name: 'w' }, ctx => ctx.sleep('1d').catch(() => 'caught'))],
  async (t, node) => {
    await node.start('w');
    await node.cancel();
    t.deepEqual(node.outcome(), { status: 'completed', value: 'caught' });
  },
);

behaviour(
  'a cancelled promise that nobody awaits does not fail the execution',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const timer = ctx.sleep('1d');
      timer.cancel();
      await ctx.race({
        quick: c => c.sleep(1),
        slow: async c => {
          void c.sleep('2d');
          await c.sleep('1d');
        },
      });
      return 'fine';
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(1);
    t.deepEqual(node.outcome(), { status: 'completed', value: 'fine' });
  },
);

behaviour(
  'clean-up in a shielded part runs whole after cancellation; the outer ctx throws at once',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const trace: unknown[] = [];
      try {
        await ctx.sleep('1d');
      } finally {
        await ctx.shielded(async c => {
          trace.push(await c.step('undo', () => 'undone'));
          await c.sleep(10);
          trace.push('slept');
        });
        try {
          await ctx.sleep(1);
        } catch (e) {
          trace.push(codeOf(e));
        }
        ctx.log.info('trace', { trace });
      }
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.cancel();
    t.is(node.outcome().status, 'running');
    await node.advance(10);
    t.is(node.outcome().status, 'cancelled');
    t.deepEqual(node.lines.findLast(line => line.message === 'trace')?.fields['trace'], [
      'undone',
      'slept',
      'CANCELLED',
    ]);
  },
);

test('a cancelled task has its body aborted with the cancellation', async t => {
  let reason: unknown;
  const node = new FakeNode([
    workflow({ name: 'w' }, ctx =>
      ctx.step(
        's',
        s => new Promise(() => s.abortSignal.addEventListener('abort', () => (reason = s.abortSignal.reason))),
      ),
    ),
  ]);
  await node.start('w');
  await node.cancel('stop it');
  t.true(reason instanceof CancelledError);
  t.is(node.engine.parts.bodies.size, 0);
  t.is(node.outcome().status, 'cancelled');
});

behaviour(
  'abortSignal follows its scope',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const trace: unknown[] = [ctx.abortSignal.aborted];
      await ctx
        .scope(
          async c => {
            c.abortSignal.addEventListener('abort', () => trace.push('inner'));
            await c.sleep('1d');
          },
          { timeout: 5 },
        )
        .catch(() => undefined);
      trace.push(ctx.abortSignal.aborted);
      return trace;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(5);
    t.deepEqual(node.outcome().value, [false, 'inner', false]);
  },
);

behaviour(
  'the timeout of an execution cancels it; what it returns then does not count',
  () => [
    workflow({ name: 'w', timeout: '1h' }, async ctx => {
      const why = await ctx.sleep('1d').catch((e: Error) => e.message);
      await ctx.shielded(c => c.step('clean', () => 0));
      return why;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(3_600_000);
    const { status, error } = node.outcome();
    t.deepEqual([status, codeOf(error)], ['timed-out', 'TIMEOUT']);
  },
);

behaviour(
  'clean-up after a timeout has its own time, then the execution ends',
  () => [
    workflow({ name: 'w', runTimeout: '1h', cleanupTimeout: '1m' }, async ctx => {
      try {
        await ctx.sleep('1d');
      } finally {
        await ctx.shielded(c => c.sleep('1d'));
      }
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(3_600_000);
    t.is(node.outcome().status, 'running');
    await node.advance(59_999);
    t.is(node.outcome().status, 'running');
    await node.advance(1);
    t.is(node.outcome().status, 'timed-out');
  },
);

behaviour(
  'an execution that ends before its timeout completes',
  () => [workflow({ name: 'w', timeout: '1h' }, ctx => ctx.sleep('59m').then(() => 'in time'))],
  async (t, node) => {
    await node.start('w');
    await node.advance(59 * 60_000);
    t.deepEqual(node.outcome(), { status: 'completed', value: 'in time' });
  },
);

behaviour(
  'terminate ends at once and runs nothing',
  () => [
    workflow({ name: 'w' }, async ctx => {
      try {
        await ctx.sleep('1d');
      } finally {
        ctx.log.info('cleaned up');
      }
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.terminate('over');
    const { status, error } = node.outcome();
    t.deepEqual([status, codeOf(error)], ['terminated', 'TERMINATED']);
    t.false(node.lines.some(line => line.message === 'cleaned up'));
  },
);
