import { signal, workflow } from '@dfnsjs/actor-core';
import { createTestCluster } from '@dfnsjs/testing';
import test from 'ava';

const DAY_MS = 24 * 3_600_000;
const go = signal<'go'>('go');

test('a clock that is a day ahead for one commit delays no sleep, and ctx.now() never goes back', async t => {
  const sleeps = workflow({ name: 'sleeps', signals: [go] }, async ctx => {
    const times: number[] = [];
    const before = ctx.sleep('1h').then(() => times.push(ctx.now()));
    await ctx.waitForSignal(go);
    times.push(ctx.now());
    await ctx.waitForSignal(go);
    times.push(ctx.now());
    const after = ctx.sleep('1h').then(() => times.push(ctx.now()));
    await before;
    await after;
    return times;
  });
  const cluster = await createTestCluster({ workflows: [sleeps] });
  const begun = cluster.now;
  const handle = await cluster.client.start(sleeps);
  await cluster.sleep('1m');
  cluster.skewClock(DAY_MS);
  await handle.signal(go);
  cluster.skewClock(0);
  await cluster.sleep('1m');
  await handle.signal(go);
  await cluster.sleep('57m');
  t.is((await handle.describe()).status, 'running');
  const times = await handle.result();
  // The second sleep began after the clock was right again, 2 min after the start.
  t.is(cluster.now - begun, 3_600_000 + 120_000);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  await cluster.stop();
});
