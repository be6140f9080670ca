import { isFailure, signal, task, workflow, type Schema } from '@dfnsjs/actor-core';
import { createTestCluster } from '@dfnsjs/testing';
import test from 'ava';
import { faultyCluster, historyOf } from './scene.test.support.ts';

const go = signal<'go', string>('go');

test('a run that continues as new in its first turn is followed by the next, and found by either', async t => {
  const hops = workflow({ name: 'hops' }, async (ctx, left: number): Promise<string> => {
    if (left > 0) return ctx.continueAsNew(left - 1);
    return 'there';
  });
  const cluster = await createTestCluster({ workflows: [hops] });
  t.is(await cluster.client.execute(hops, 3, { id: 'one' }), 'there');
  const history = await historyOf(cluster.store, 'one');
  t.deepEqual(
    history.map(turns => turns.length),
    [1, 1, 1, 1],
  );
  await cluster.stop();
});

test('two starts of one id whose answers are late give one execution, that both are told of', async t => {
  const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
  let commits = 0;
  const { cluster } = await faultyCluster([waits], call =>
    call === 'commit' && ++commits <= 3 ? { kind: 'unknown', lands: commits === 1 ? 'now' : 'never' } : undefined,
  );
  const options = { id: 'one', idempotencyKey: 'key' };
  const [one, two] = await Promise.all([
    cluster.client.start(waits, undefined, options),
    cluster.client.start(waits, undefined, options),
  ]);
  t.is(one.runId, two.runId);
  await two.signal(go, 'on');
  t.is(await one.result(), 'on');
  await cluster.stop();
});

const anything: Schema<{ sku: string }> = {
  '~standard': { version: 1, vendor: 'test', validate: value => ({ value: value as { sku: string } }) },
};

test('a failure that its task declares is told apart by whoever runs it', async t => {
  const take = task({ name: 'take', errors: { OutOfStock: anything } }, (sku: string, t) => {
    throw t.fail('OutOfStock', { sku });
  });
  const order = workflow({ name: 'order' }, async (ctx, sku: string) => {
    try {
      await ctx.run(take, sku);
      return 'taken';
    } catch (error) {
      return isFailure(error, take, 'OutOfStock') ? error.failure.data.sku : 'another error';
    }
  });
  const cluster = await createTestCluster({ workflows: [order] });
  t.is(await cluster.client.execute(order, 'bolt'), 'bolt');
  await cluster.stop();
});

test('a query while the store fails is told to try again', async t => {
  let failing = false;
  const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
  const { cluster } = await faultyCluster([waits], call =>
    failing && (call === 'current' || call === 'load') ? { kind: 'refuse' } : undefined,
  );
  const handle = await cluster.client.start(waits);
  await handle.signal(go, 'on');
  await handle.result();
  failing = true;
  await t.throwsAsync(handle.query('state' as never), { code: 'UNAVAILABLE' });
  await cluster.stop();
});
