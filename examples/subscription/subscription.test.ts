import test from 'ava';
import { createTestCluster, mockTask, verifyDurable } from 'dfns/testing';
import { changePlan, charge, quit, state, subscription } from './subscription.ts';

test('thirty years are charged month by month, over as many runs, under one id', async t => {
  const charging = mockTask(charge).returns('receipt');
  const cluster = await createTestCluster({ workflows: [subscription], mocks: [charging] });
  const handle = await cluster.client.start(subscription, { customer: 'mia' }, { id: 'mia' });
  await cluster.sleep(`${30 * 360}d`);
  t.like(await handle.query(state), { months: 360, paid: 1_800 });
  t.is((await handle.describe()).runs.length, 31);
  t.is(new Set(charging.calls.map(({ idempotencyKey }) => idempotencyKey)).size, 360);
  await handle.signal(quit, { why: 'enough' });
  t.like(await handle.result(), { months: 360 });
  await cluster.stop();
});

test('a plan that changes is charged from the next month on, and is handed to the next year', async t => {
  const charging = mockTask(charge).returns('receipt');
  const cluster = await createTestCluster({ workflows: [subscription], mocks: [charging] });
  const handle = await cluster.client.start(subscription, { customer: 'mia' });
  await cluster.sleep('345d');
  t.deepEqual(await handle.update(changePlan, 'pro'), { from: 'basic', to: 'pro' });
  await t.throwsAsync(handle.update(changePlan, 'pro'), { code: 'UPDATE_REJECTED', message: /pro already/ });
  await cluster.sleep('60d');
  t.deepEqual(
    charging.calls.slice(-3).map(({ input }) => input.amount),
    [5, 12, 12],
  );
  await cluster.stop();
});

test('a card that fails is tried for days, and three unpaid months end it', async t => {
  const charging = mockTask(charge).fails('The card has expired.');
  const cluster = await createTestCluster({ workflows: [subscription], mocks: [charging] });
  t.like(await cluster.client.execute(subscription, { customer: 'mia' }), { months: 3, paid: 0, failures: 3 });
  t.is(charging.calls.length, 15);
  await cluster.stop();
});

test('it comes to the same wherever it is lost, the end of a year included', async t => {
  const signals = [{ signal: quit, payload: { why: 'moved' }, after: '400d' as const }];
  t.like(await verifyDurable(subscription, { customer: 'mia' }, { signals }), { months: 13 });
});
