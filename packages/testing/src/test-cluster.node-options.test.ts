import { query, signal, workflow } from '@dfnsjs/actor-core';
import type { Middleware } from '@dfnsjs/client';
import test from 'ava';
import { mockTask } from './mocks/task.ts';
import { createTestCluster } from './test-cluster.ts';
import { inThread } from './test-cluster.thread.test.support.ts';
import { verifyDurable } from './verify-durable.ts';

const FILE = new URL(
  `./test-cluster.thread.test.support${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);
const go = signal<'go', number>('go');
const threaded = workflow({ name: 'threaded' }, async (ctx, n: number) => {
  await ctx.sleep('1d');
  return ctx.run(inThread, n);
});

function watching(lines: string[]): Middleware {
  return {
    client: (call, next) => {
      lines.push(`client ${call.operation}`);
      return call.operation === 'start' ? next({ ...call, headers: { tenant: 'acme' } }) : next();
    },
    workflow: async ({ ctx, ...call }, next) => {
      lines.push(`workflow ${String(ctx.info.headers['tenant'])}`);
      await ctx.sleep('1d');
      return next({ ...call, ctx, input: (call.input as number) + 1 });
    },
    task: async (call, next) => {
      lines.push(`task ${call.task}`);
      return [await next()];
    },
  };
}

test('middleware stands around workflows, tasks, their mocks and the client’s calls, as on a node', async t => {
  const lines: string[] = [];
  const middleware = [watching(lines)];
  const steps = workflow({ name: 'steps' }, async (ctx, n: number) => [
    await ctx.step('one', () => n),
    await ctx.run(inThread, n),
  ]);
  const mocks = [mockTask(inThread).returns({ n: 0, threaded: false })];
  const cluster = await createTestCluster({ workflows: [steps], middleware, mocks });
  const handle = await cluster.client.start(steps, 1);
  t.deepEqual(await handle.result(), [[2], [{ n: 0, threaded: false }]] as never);
  t.is(cluster.now, Date.UTC(2026, 0, 2));
  t.deepEqual(lines, ['client start', 'workflow acme', 'task one', 'task in-thread']);
  await cluster.stop();
});

test('a task of a file runs in a thread while time stands still, after a crash too', async t => {
  const cluster = await createTestCluster({ workflows: [threaded], files: [FILE.href] });
  const first = await cluster.client.start(threaded, 1);
  await cluster.crash();
  t.deepEqual(await first.result(), { n: 2, threaded: true });
  t.deepEqual(await cluster.client.execute(threaded, 5), { n: 6, threaded: true });
  t.is(cluster.now, Date.UTC(2026, 0, 3));
  await cluster.stop();
});

test('a full mailbox refuses what comes beyond it, and takes it when there is room', async t => {
  const count = query<'count', void, number>('count');
  const counts = workflow({ name: 'counts', signals: [go], queries: [count] }, async ctx => {
    let sum = 0;
    ctx.on(count, () => sum);
    while (sum < 100) sum += await ctx.waitForSignal(go);
    return sum;
  });
  const cluster = await createTestCluster({ workflows: [counts], mailbox: 2 });
  const handle = await cluster.client.start(counts);
  const sent = await Promise.allSettled([1, 2, 4, 8, 16].map(n => handle.signal(go, n)));
  const refused = sent.filter(each => each.status === 'rejected').map(({ reason }) => reason as { code: string });
  t.true(refused.length > 0 && refused.length < 5);
  t.true(refused.every(({ code }) => code === 'OVERLOADED'));
  const taken = await handle.query(count);
  await handle.signal(go, 100);
  t.is(await handle.result(), taken + 100);
  await cluster.stop();
});

test('options of a node that a cluster cannot take are refused', async t => {
  const refused = (more: object) =>
    t.throwsAsync(createTestCluster({ workflows: [], ...more }), { code: 'VALIDATION' });
  t.regex((await refused({ mailbox: 0 })).message, /mailbox of createTestCluster must be a whole number/);
  t.regex((await refused({ files: 'a.ts' })).message, /files of createTestCluster must be a list/);
  t.regex((await refused({ files: ['./not-there.ts'] })).message, /files: \.\/not-there\.ts cannot be loaded/);
  t.regex((await refused({ middleware: {} })).message, /middleware of createTestCluster must be a list/);
});

test('verifyDurable runs under the middleware and files of the node', async t => {
  const lines: string[] = [];
  const value = await verifyDurable(threaded, 1, { middleware: [watching(lines)], files: [FILE.href], boundaries: 2 });
  t.deepEqual(value, [{ n: 3, threaded: true }] as never);
  t.true(lines.includes('task in-thread'));
});

test('verifyDurable finds middleware that no replay can repeat', async t => {
  let lives = 0;
  const middleware: Middleware = {
    workflow: async ({ ctx, ...call }, next) => {
      if (lives++ % 2 === 0) await ctx.sleep(1);
      return next({ ctx, ...call });
    },
  };
  const plain = workflow({ name: 'plain' }, ctx => ctx.step('s', () => 1));
  await t.throwsAsync(verifyDurable(plain, undefined, { middleware: [middleware] }), { code: 'NON_DETERMINISM' });
});
