import { query, signal, workflow } from '@dfnsjs/actor-core';
import test from 'ava';
import { faultyCluster, historyOf } from './scene.test.support.ts';

const go = signal<'go', string>('go');
const state = query<'state', void, string>('state');

test('a commit that lands 500 ms after nobody knows of it holds back a query and a signal, and loses neither', async t => {
  const waits = workflow({ name: 'waits', signals: [go], queries: [state] }, async ctx => {
    const got: string[] = [];
    ctx.on(state, () => got.join());
    for (let i = 0; i < 3; i++) got.push(await ctx.waitForSignal(go));
    return got.join();
  });
  let unknown = false;
  const { cluster, store } = await faultyCluster([waits], call =>
    unknown && call === 'commit' ? { kind: 'unknown', lands: store.late === 0 ? 'later' : 'never' } : undefined,
  );
  const handle = await cluster.client.start(waits, undefined, { id: 'one' });
  await handle.signal(go, 'a');
  t.is(await handle.query(state), 'a');

  unknown = true;
  const order: string[] = [];
  const signalled = handle.signal(go, 'b').then(() => order.push('signal b'));
  await cluster.sleep(100);
  const asked = handle.query(state).then(answer => order.push(`query ${answer}`));
  const behind = handle.signal(go, 'c').then(() => order.push('signal c'));
  await cluster.sleep(400);
  t.deepEqual(order, []);
  t.is((await historyOf(store, 'one'))[0]!.length, 2);

  t.true(await store.land());
  t.is((await historyOf(store, 'one'))[0]!.length, 3);
  t.deepEqual(order, []);
  unknown = false;
  t.is(await handle.result(), 'a,b,c');
  await Promise.all([signalled, asked, behind]);
  // The query may see what was committed after it was asked, and never what was not.
  const seen = order.find(each => each.startsWith('query'));
  const committed = seen === 'query a,b,c' ? ['signal b', 'signal c', seen] : ['signal b', 'query a,b', 'signal c'];
  t.deepEqual(order, committed);
  await cluster.stop();
});
