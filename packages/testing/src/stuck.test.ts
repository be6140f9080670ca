import { query, signal, update, workflow } from '@dfnsjs/actor-core';
import test from 'ava';
import { createTestCluster } from './test-cluster.ts';

const go = signal<'go', string>('go');
const stage = query<'stage', void, string>('stage');
const add = update<'add', number, number>('add');

test('a wait that nothing can end says what the execution waits for', async t => {
  const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
  const cluster = await createTestCluster({ workflows: [waits], patience: 5 });
  t.teardown(() => cluster.stop());
  await cluster.client.start(waits, undefined, { id: 'other' });
  const error = await t.throwsAsync(cluster.client.execute(waits, undefined, { id: 'first' }), { code: 'STUCK' });
  t.regex(
    error.message,
    /"first" \(waits\) waits for signal "go"\. Open besides: "other" \(waits\) waits for signal "go"/,
  );
  // It is the wait that failed, not the execution.
  await cluster.client.get(waits, 'first').signal(go, 'now');
  t.is(await cluster.client.get(waits, 'first').result(), 'now');
});

test('so do waits for a query’s answer and for an update’s', async t => {
  let open = false;
  const waits = workflow({ name: 'waits', queries: [stage], updates: [add] }, async ctx => {
    ctx.on(stage, () => 'early');
    ctx.on(add, async n => {
      await ctx.condition(() => open);
      return n;
    });
    await ctx.condition(() => open, { timeout: '1h', else: true });
    await ctx.condition(() => false);
  });
  const cluster = await createTestCluster({ workflows: [waits], patience: 5 });
  t.teardown(() => cluster.stop());
  const handle = await cluster.client.start(waits, undefined, { id: 'w' });
  await t.throwsAsync(
    handle.waitFor(stage, at => at === 'late'),
    {
      code: 'STUCK',
      message: /"w" \(waits\) waits for a condition that does not hold\./,
    },
  );
  await t.throwsAsync(handle.update(add, 1), { code: 'STUCK', message: /update "add"|a condition/ });
  open = true;
});

test('a held execution, and one that waits for a promise of another making, are told apart', async t => {
  const never = new Promise<void>(() => undefined);
  const foreign = workflow({ name: 'foreign' }, () => never);
  const calls = { n: 0 };
  const fickle = workflow({ name: 'fickle', signals: [go] }, async ctx => {
    await ctx.step(`call ${++calls.n}`, () => 1);
    await ctx.waitForSignal(go);
  });
  const cluster = await createTestCluster({ workflows: [foreign, fickle], patience: 5 });
  t.teardown(() => cluster.stop());
  await t.throwsAsync(cluster.client.execute(foreign, undefined, { id: 'f' }), {
    code: 'STUCK',
    message: /waits for a promise that is not from ctx/,
  });
  const handle = await cluster.client.start(fickle, undefined, { id: 'k' });
  await cluster.settle();
  await cluster.readAnew();
  await t.throwsAsync(handle.result(), { code: 'STUCK', message: /"k" \(fickle\) is held: NON_DETERMINISM, Turn 1/ });
});

test('whoever still can end a wait is given the time to', async t => {
  const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
  const cluster = await createTestCluster({ workflows: [waits], patience: '1m' });
  t.teardown(() => cluster.stop());
  const handle = await cluster.client.start(waits);
  const result = handle.result();
  for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve));
  await handle.signal(go, 'after a while');
  t.is(await result, 'after a while');
});
