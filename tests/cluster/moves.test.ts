import { Hub } from '@dfnsjs/cluster';
import test from 'ava';
import { query, signal, task, workflow } from 'dfns';
import { until } from '../end-to-end/until.ts';
import { Nodes, unconnected, type Member } from './nodes.ts';

const add = signal<'add', number>('add');
const sum = query<'sum', void, number>('sum');
const counter = workflow({ name: 'counter', signals: [add], queries: [sum] }, async ctx => {
  const all: number[] = [];
  ctx.on(sum, () => all.length);
  for (;;) {
    const n = await ctx.waitForSignal(add);
    if (n < 0) return all;
    all.push(n);
  }
});

const ids = Array.from({ length: 16 }, (_, n) => `e${n}`);

async function owned(nodes: Nodes, member: Member): Promise<number> {
  return (await nodes.store.shards()).filter(({ owner }) => owner === member.node.incarnation).length;
}

test('shards move to a node that joins, while signals go on: each is taken once, in order', async t => {
  const nodes = new Nodes(t, counter);
  const a = await nodes.start({ settleMs: 50 });
  for (const id of ids) await a.client.start(counter, undefined, { id });
  const sending = new AbortController();
  const sent = new Map(ids.map(id => [id, 0]));
  const senders = ids.map(async id => {
    const handle = a.client.get(counter, id);
    for (let n = 0; !sending.signal.aborted; n++) {
      await handle.signal(add, n);
      sent.set(id, n + 1);
    }
  });
  const b = await nodes.start({ settleMs: 50 });
  await until(async () => (await owned(nodes, b)) >= 3);
  const c = await nodes.start({ settleMs: 50 });
  await until(async () => (await owned(nodes, c)) >= 2 && (await owned(nodes, b)) >= 2);
  sending.abort();
  await Promise.all(senders);
  for (const id of ids) {
    const handle = c.client.get(counter, id);
    await handle.signal(add, -1);
    t.deepEqual(
      await handle.result(),
      Array.from({ length: sent.get(id)! }, (_, n) => n),
    );
  }
  t.true([...sent.values()].every(n => n > 5));
  t.deepEqual(
    nodes.logged.filter(line => !line.startsWith('info')),
    [],
  );
});

test('a body that runs while its shard moves runs once, and its outcome comes to the new owner', async t => {
  const begun: string[] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const slow = task({ name: 'slow', retry: { maxAttempts: 1 } }, async (id: string) => {
    begun.push(id);
    await gate;
    return `done ${id}`;
  });
  const flaky = task({ name: 'flaky', retry: { initial: 1 } }, async (id: string, tc) => {
    begun.push(`${id} ${tc.attempt}`);
    await gate;
    if (tc.attempt === 1) throw new Error('not yet');
    return `at last ${id}`;
  });
  const both = workflow({ name: 'both' }, async (ctx, id: string) =>
    ctx.gather([ctx.run(slow, id), ctx.run(flaky, id)]),
  );
  const nodes = new Nodes(t, both);
  const a = await nodes.start({ settleMs: 20 });
  for (const id of ids) await a.client.start(both, id, { id });
  await until(() => begun.length === 32);
  const b = await nodes.start({ settleMs: 20 });
  await until(async () => (await owned(nodes, b)) >= 3);
  const leaving = a.node.drain(30_000).then(() => a.node.stop());
  await until(async () => (await owned(nodes, b)) === 8);
  const waiting = ids.map(id => b.client.get(both, id).result());
  t.is(begun.length, 32);
  open();
  const expected = ids.map(id => [`done ${id}`, `at last ${id}`]);
  t.deepEqual(await Promise.all(waiting), expected);
  await leaving;
  t.deepEqual([...begun].sort(), ids.flatMap(id => [id, `${id} 1`, `${id} 2`]).sort());
});

test('a node that reaches no other from its start on has nothing, once there is one that is reached', async t => {
  const nodes = new Nodes(t, counter);
  const lone = new Hub(nodes.clock).wire();
  const a = await nodes.start({ settleMs: 20, connect: async () => unconnected(lone) });
  t.is(await owned(nodes, a), 8);
  const b = await nodes.start({ settleMs: 20 });
  await until(async () => (await owned(nodes, b)) === 8);
  await b.client.start(counter, undefined, { id: 'e' });
  await t.throwsAsync(a.client.get(counter, 'e').query(sum), { code: 'UNAVAILABLE' });
});
