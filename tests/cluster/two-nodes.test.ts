import test from 'ava';
import { query, signal, workflow } from 'dfns';
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
