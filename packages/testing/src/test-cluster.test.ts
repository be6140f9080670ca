import { signal, task, workflow } from '@dfnsjs/actor-core';
import test from 'ava';
import { createTestCluster } from './test-cluster.ts';

const DAY_MS = 24 * 3_600_000;

test('ten years of a daily loop pass at once', async t => {
  const daily = workflow({ name: 'daily' }, async (ctx, days: number) => {
    const begun = ctx.now();
    for (let day = 0; day < days; day++) await ctx.sleep('1d');
    return ctx.now() - begun;
  });
  const cluster = await createTestCluster({ workflows: [daily] });
  t.is(await cluster.client.execute(daily, 3_652), 3_652 * DAY_MS);
  await cluster.stop();
});

test('time stands still while a body runs', async t => {
  let finish: (() => void) | undefined;
  const began = new Promise<void>(resolve => {
    const slow = task({ name: 'slow', timeout: '1s' }, () => {
      resolve();
      return new Promise<string>(done => {
        finish = () => done('in time');
      });
    });
    scene.slow = slow;
  });
  const waits = workflow({ name: 'waits' }, async ctx => {
    const running = ctx.run(scene.slow!);
    void ctx.sleep('1h');
    return running;
  });
  const cluster = await createTestCluster({ workflows: [waits] });
  const result = cluster.client.execute(waits);
  await began;
  const before = cluster.now;
  for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve));
  t.is(cluster.now, before);
  finish!();
  t.is(await result, 'in time');
  await cluster.stop();
});

const scene: { slow?: ReturnType<typeof task<void, string>> } = {};

test('a wait for a signal times out when its time is slept away, and not before', async t => {
  const approval = signal<'approval', string>('approval');
  const order = workflow({ name: 'order', signals: [approval] }, ctx =>
    ctx.waitForSignal(approval, { timeout: '7d', else: 'expired' }),
  );
  const cluster = await createTestCluster({ workflows: [order] });
  const early = await cluster.client.start(order);
  const late = await cluster.client.start(order);
  await cluster.sleep('6d');
  await early.signal(approval, 'yes');
  t.is(await early.result(), 'yes');
  await cluster.sleep('1d');
  t.is((await late.describe()).status, 'completed');
  t.is(await late.result(), 'expired');
  await cluster.stop();
});

test('what is due when a sleep ends happens in it, though it was set after the sleep began', async t => {
  const ticks: number[] = [];
  const daily = workflow({ name: 'daily' }, async ctx => {
    for (let day = 1; ; day++) {
      await ctx.sleep('1d');
      await ctx.step('tick', () => void ticks.push(day));
    }
  });
  const cluster = await createTestCluster({ workflows: [daily] });
  await cluster.client.start(daily);
  await cluster.sleep('3d');
  t.deepEqual(ticks, [1, 2, 3]);
  await cluster.stop();
});

test('a crash loses nothing but the attempt in hand', async t => {
  let attempts = 0;
  let begin: (() => void) | undefined;
  const began = new Promise<void>(resolve => {
    begin = resolve;
  });
  const work = workflow({ name: 'work' }, async ctx => {
    await ctx.sleep('1h');
    return ctx.step('hangs once', (t): Promise<number> | number => {
      attempts++;
      begin!();
      return t.attempt === 1 ? new Promise<number>(() => {}) : t.attempt;
    });
  });
  const cluster = await createTestCluster({ workflows: [work] });
  const handle = await cluster.client.start(work);
  await cluster.crash();
  const lost = t.throwsAsync(handle.result(), { code: 'UNAVAILABLE' });
  await began;
  t.is(attempts, 1);
  await cluster.crash();
  await lost;
  t.is(await handle.result(), 2);
  await cluster.stop();
});

test('a wrong option is told, and the nearest right one', async t => {
  await t.throwsAsync(createTestCluster({ workflows: [], mock: [] } as never), {
    code: 'VALIDATION',
    message: /"mock" in createTestCluster\. Did you mean "mocks"/,
  });
  await t.throwsAsync(createTestCluster({} as never), { code: 'VALIDATION', message: /needs workflows/ });
});

test('a cluster is disposed of where it is stopped already, or was not', async t => {
  const cluster = await createTestCluster({ workflows: [] });
  await cluster[Symbol.asyncDispose]();
  await t.notThrowsAsync(cluster[Symbol.asyncDispose]());
  await t.throwsAsync(cluster.client.get('any').describe(), { message: /has no node/ });
});

test('events come in virtual time, and a wait for one that nothing can bring is told', async t => {
  const go = signal('go');
  const slow = workflow({ name: 'slow' }, async ctx => {
    await ctx.sleep('30d');
    await ctx.waitForSignal(go);
  });
  const cluster = await createTestCluster({ workflows: [slow], patience: 1 });
  const events = cluster.client.events({ workflow: slow });
  await events.listening();
  const begun = cluster.now;
  await cluster.client.start(slow, undefined, { id: 'a' });
  t.like((await events.next()).value, { type: 'started', id: 'a' });
  const { value } = await events.next();
  t.like(value, { type: 'changed', id: 'a' });
  t.true(cluster.now - begun >= 30 * DAY_MS);
  await t.throwsAsync(events.next(), { code: 'STUCK', message: /"a" \(slow\) waits for .*go/ });
  t.true((await events.next()).done);
  await cluster.stop();
});
