import { isFailure, task, workflow, TaskError } from '@dfnsjs/actor-core';
import test from 'ava';
import { z } from 'zod';
import { mockStep, mockTask } from './mocks/task.ts';
import { createTestCluster } from './test-cluster.ts';

const charge = task(
  {
    name: 'charge',
    input: z.object({ amount: z.number(), currency: z.string().default('EUR') }),
    output: z.object({ id: z.string() }),
    errors: { Declined: z.object({ reason: z.string() }) },
    retry: { initial: '10s', factor: 1, jitter: 0, maxAttempts: 3 },
    timeout: '1m',
  },
  async (): Promise<{ id: string }> => {
    throw new Error('A test reached the gateway.');
  },
);
const order = workflow({ name: 'order' }, async (ctx, amount: number) => {
  try {
    return (await ctx.run(charge, { amount })).id;
  } catch (error) {
    if (isFailure(error, charge, 'Declined')) return `declined: ${error.failure.data.reason}`;
    throw error;
  }
});

test('a mocked task gives what it was told, and keeps what it was called with', async t => {
  const charging = mockTask(charge).returns({ id: 'ch_1' });
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  t.is(await cluster.client.execute(order, 20, { id: 'order-17' }), 'ch_1');
  t.is(charging.calls.length, 1);
  t.like(charging.calls[0], {
    input: { amount: 20, currency: 'EUR' },
    attempt: 1,
    executionId: 'order-17',
    outcome: 'completed',
    result: { id: 'ch_1' },
  });
});

test('what is said once comes first, in order; retries are the task’s own, in skipped time', async t => {
  const charging = mockTask(charge).returns({ id: 'ch_3' }).failsOnce('The gateway answers 503.').failsOnce('… 502.');
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  const begun = cluster.now;
  t.is(await cluster.client.execute(order, 20), 'ch_3');
  t.is(cluster.now - begun, 20_000);
  t.deepEqual(
    charging.calls.map(({ attempt, at, outcome }) => [attempt, at - begun, outcome]),
    [
      [1, 0, 'failed'],
      [2, 10_000, 'failed'],
      [3, 20_000, 'completed'],
    ],
  );
  t.is(new Set(charging.calls.map(call => call.idempotencyKey)).size, 1);
});

test('a mock that always fails ends as its task’s retries do', async t => {
  const charging = mockTask(charge).fails('No connection.');
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  const error = await t.throwsAsync(cluster.client.execute(order, 20), { instanceOf: TaskError });
  t.regex(error.message, /No connection/);
  t.is(charging.calls.length, 3);
});

test('a mock that takes longer than its task may is timed out, in skipped time', async t => {
  const charging = mockTask(charge, async ({ amount }, _, time) => {
    await time.sleep(amount === 1 ? '2m' : '59s');
    return { id: `after ${time.now}` };
  });
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  const begun = cluster.now;
  t.is(await cluster.client.execute(order, 2), `after ${begun + 59_000}`);
  await t.throwsAsync(cluster.client.execute(order, 1), { message: /took longer than 60000 ms/ });
  charging.reset();
  charging.takes('1h').returns({ id: 'late' });
  await t.throwsAsync(cluster.client.execute(order, 2), { message: /took longer than 60000 ms/ });
  t.is(charging.calls.length, 3);
  charging.reset();
  t.deepEqual(charging.calls, []);
});

test('time stands still while a mock does real work, though another sleeps', async t => {
  const slow = task({ name: 'slow', timeout: '1h' }, (): string => 'never');
  const slowly = mockTask(slow);
  const both = workflow({ name: 'both' }, ctx =>
    ctx.gather([ctx.run(charge, { amount: 1 }), ctx.run(slow), ctx.sleep('1m')]),
  );
  let finish: ((value: string) => void) | undefined;
  const began = new Promise<void>(resolve => {
    slowly.runs(() => {
      resolve();
      return new Promise(done => (finish = done));
    });
  });
  const charging = mockTask(charge).takes('30s').returns({ id: 'ch_1' });
  const cluster = await createTestCluster({ workflows: [both], mocks: [charging, slowly] });
  t.teardown(() => cluster.stop());
  const begun = cluster.now;
  const result = cluster.client.execute(both);
  await began;
  for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve));
  t.is(cluster.now, begun);
  finish!('done');
  t.deepEqual(await result, [{ id: 'ch_1' }, 'done', undefined]);
  t.is(cluster.now, begun + 60_000);
});

test('a declared failure is thrown by a mock as by the task', async t => {
  const charging = mockTask(charge, (_, t) => {
    throw t.fail('Declined', { reason: 'no cover' });
  });
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  t.is(await cluster.client.execute(order, 20), 'declined: no cover');
  t.is(charging.calls.length, 1);
});

test('a mock that breaks the output schema of its task is refused', async t => {
  const charging = mockTask(charge).returns({ id: 7 as never });
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  await t.throwsAsync(cluster.client.execute(order, 20), { message: /The result of task "charge"/ });
});

test('a mock without an answer fails at once and says how to give it one', async t => {
  const charging = mockTask(charge).returnsOnce({ id: 'ch_1' });
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  t.is(await cluster.client.execute(order, 20), 'ch_1');
  await t.throwsAsync(cluster.client.execute(order, 20), {
    message: /The mock of task "charge" has no answer left for call 2\. .*\.returns/,
  });
});

test('steps are mocked by their name, and others run', async t => {
  const page = workflow({ name: 'page' }, async ctx => [
    await ctx.step('fetch', () => 'real'),
    await ctx.step('render', () => 'rendered'),
  ]);
  const fetching = mockStep<string>('fetch').returns('mocked');
  const cluster = await createTestCluster({ workflows: [page], mocks: [fetching] });
  t.teardown(() => cluster.stop());
  t.deepEqual(await cluster.client.execute(page), ['mocked', 'rendered']);
  t.is(fetching.calls.length, 1);
});

test('where tasks without a mock are refused, none is reached by mistake', async t => {
  const cluster = await createTestCluster({ workflows: [order], unmocked: 'refuse' });
  t.teardown(() => cluster.stop());
  await t.throwsAsync(cluster.client.execute(order, 20), { message: /Task "charge" is not mocked/ });
});

test('a crash loses the attempt that a mock is in, and time goes on', async t => {
  const charging = mockTask(charge).takes('30s').returns({ id: 'ch_1' });
  const cluster = await createTestCluster({ workflows: [order], mocks: [charging] });
  t.teardown(() => cluster.stop());
  const handle = await cluster.client.start(order, 20);
  await cluster.sleep('10s');
  await cluster.crash();
  t.is(await handle.result(), 'ch_1');
  t.deepEqual(
    charging.calls.map(call => call.attempt),
    [1, 2],
  );
});

test('mocks of what is no task, and of steps without a name, are refused', t => {
  t.throws(() => mockTask('charge' as never), { code: 'VALIDATION', message: /mockStep\(name\)/ });
  t.throws(() => mockStep(''), { code: 'VALIDATION' });
  t.throws(() => mockTask(charge).takes('soon' as never), { code: 'VALIDATION', message: /takes of the mock/ });
});
