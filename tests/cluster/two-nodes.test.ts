import test from 'ava';
import { query, signal, workflow } from 'dfns';
import { SystemClock } from '../../apps/node/dist/node/system-clock.js';
import { until } from '../end-to-end/until.ts';
import { Nodes } from './nodes.ts';

const add = signal<'add', number>('add');
const sum = query<'sum', void, number>('sum');

const counter = workflow({ name: 'counter', signals: [add], queries: [sum] }, async ctx => {
  let total = 0;
  ctx.on(sum, () => total);
  for (;;) {
    const n = await ctx.waitForSignal(add);
    if (n === 0) return total;
    total += n;
  }
});

test('each node answers for every execution, whoever owns it', async t => {
  const nodes = new Nodes(t, counter);
  const a = await nodes.start();
  const b = await nodes.start();
  const ids = Array.from({ length: 20 }, (_, n) => `c${n}`);
  for (const id of ids) await b.client.start(counter, undefined, { id });
  for (const id of ids) {
    await a.client.get(counter, id).signal(add, 1);
    await b.client.get(counter, id).signal(add, 2);
    t.is(await a.client.get(counter, id).query(sum), 3);
    t.is(await b.client.get(counter, id).query(sum), 3);
  }
  const results = ids.map(id => b.client.get(counter, id).result());
  for (const id of ids) await a.client.get(counter, id).signal(add, 0);
  t.deepEqual(
    await Promise.all(results),
    ids.map(() => 3),
  );
});

/** However busy the machine is. */
class NeverLate extends SystemClock {
  override lag(): number {
    return 0;
  }
}

test('what is given no id begins at the node that it comes to, until that has more to do than the other', async t => {
  const nodes = new Nodes(t, counter);
  const options = { settleMs: 0, clock: new NeverLate() };
  const a = await nodes.start({ ...options, address: 'a' });
  await nodes.start({ ...options, address: 'b' });
  await until(async () => {
    const { nodes: known, shards } = await a.client.cluster();
    return known.length === 2 && shards.moving === 0 && known.every(each => each.shards > 0);
  });
  const atA = async (count: number) => {
    const handles = [];
    for (let n = 0; n < count; n++) handles.push(await a.client.start(counter, undefined));
    const described = await Promise.all(handles.map(handle => handle.describe()));
    return described.filter(({ node }) => node === a.node.incarnation).length;
  };
  t.is(await atA(16), 16);
  const more = await atA(200);
  t.true(more < 180, `${more} of 200`);
});

test('a node that numbers more executions than one ordinal has draws another, and stays the one member it is', async t => {
  const nodes = new Nodes(t, counter);
  const { store } = nodes;
  const joined: string[] = [];
  const join = store.join.bind(store);
  store.join = request => {
    joined.push(request.incarnation);
    return join(request);
  };
  const { node, client } = await nodes.start({ runsPerOrdinal: 16 });
  for (let n = 0; n < 40; n++) await client.start(counter, undefined, { id: `c${n}` });
  t.true(joined.length >= 3, `it joined ${joined.length} times`);
  t.deepEqual([...new Set(joined)], [node.incarnation]);
  await node.stop();
  t.deepEqual((await store.members()).members, []);
});

test('what a killed node had goes on at the other, and whoever waits there hears of it', async t => {
  const nodes = new Nodes(t, counter);
  const a = await nodes.start();
  const b = await nodes.start();
  const ids = Array.from({ length: 20 }, (_, n) => `c${n}`);
  for (const id of ids) await b.client.start(counter, undefined, { id });
  const results = ids.map(id => b.client.get(counter, id).result());
  for (const id of ids) await b.client.get(counter, id).signal(add, 5);
  a.node.kill();
  for (const id of ids) await b.client.get(counter, id).signal(add, 0);
  t.deepEqual(
    await Promise.all(results),
    ids.map(() => 5),
  );
});
