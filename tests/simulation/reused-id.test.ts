import { task, workflow } from '@dfnsjs/actor-core';
import { createTestCluster } from '@dfnsjs/testing';
import test from 'ava';
import { historyOf } from './scene.test.support.ts';

/** Bodies that end when the test says so, by name. */
function gates() {
  const open = new Map<string, (value: string) => void>();
  const gated = task({ name: 'gated' }, (name: string) => new Promise<string>(resolve => open.set(name, resolve)));
  return { open, gated };
}

test('a timer and a completion of a run that continued as new are not of the run after it', async t => {
  const { open, gated } = gates();
  const rounds = workflow({ name: 'rounds' }, async (ctx, round: number) => {
    if (round === 0) {
      // Commands 1 and 3 stay open, and 3 rings together with 2: the next run's command 3 is another timer.
      void ctx.run(gated, 'old');
      const slept = ctx.sleep(20);
      void ctx.sleep(20);
      await slept;
      return ctx.continueAsNew(1);
    }
    const step = ctx.step('new', () => 'new');
    void ctx.condition(() => false);
    const begun = ctx.now();
    const slept = ctx.sleep('1h').then(() => ctx.now() - begun);
    const [ms, result] = await Promise.all([slept, step]);
    return { ms, result };
  });
  const cluster = await createTestCluster({ workflows: [rounds] });
  const result = cluster.client.execute(rounds, 0, { id: 'one' });
  while (!open.has('old')) await new Promise(resolve => setImmediate(resolve));
  open.get('old')!('late');
  open.get('old')!('twice');
  const begun = cluster.now;
  t.deepEqual(await result, { ms: 3_600_000, result: 'new' });
  // A message has the time at which its timer is due even if it comes early: the cluster's clock knows.
  t.is(cluster.now - begun, 20 + 3_600_000);
  await cluster.stop();
});

test('what is left of a terminated execution does not reach the next one of its id', async t => {
  const { open, gated } = gates();
  const work = workflow({ name: 'work' }, async (ctx, name: string) => {
    const timer = ctx.sleep('1m').then(() => 'slept');
    const done = await ctx.run(gated, name);
    return [done, await timer];
  });
  const cluster = await createTestCluster({ workflows: [work] });
  const begun = async (name: string) => {
    while (!open.has(name)) await new Promise(resolve => setImmediate(resolve));
  };
  const first = await cluster.client.start(work, 'first', { id: 'one' });
  await begun('first');
  await first.terminate('enough');
  const second = await cluster.client.start(work, 'second', { id: 'one' });
  await begun('second');
  open.get('first')!('first, late');
  open.get('second')!('second');
  open.get('first')!('first, later still');
  const started = cluster.now;
  t.deepEqual(await second.result(), ['second', 'slept']);
  t.is(cluster.now - started, 60_000);
  t.is((await historyOf(cluster.store, 'one')).length, 1);
  await cluster.stop();
});
