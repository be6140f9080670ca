import test, { type ExecutionContext } from 'ava';
import { query, startNode, workflow } from 'dfns';
import { until } from '../end-to-end/until.ts';
import { Nodes, silenced, type Member } from './nodes.ts';

const state = query<'state', void, string>('state');
const waits = workflow({ name: 'waits', queries: [state] }, async ctx => {
  ctx.on(state, () => 'waiting');
  await ctx.sleep('1h');
});

const nodeAt = async (by: Member, address: string) =>
  (await by.client.cluster()).nodes.find(each => each.address === address);
const shardsAt = async (by: Member, address: string) => (await nodeAt(by, address))?.shards;

async function pair(t: ExecutionContext) {
  const nodes = new Nodes(t, waits);
  const a = await nodes.start({ address: 'a', settleMs: 0 });
  const b = await nodes.start({ address: 'b', settleMs: 0 });
  await until(async () => (await a.client.cluster()).shards.moving === 0);
  return { nodes, a, b };
}

test('every node tells of all nodes, and where the shards are', async t => {
  const { a, b } = await pair(t);
  const [byA, byB] = [await a.client.cluster(), await b.client.cluster()];
  t.deepEqual([byA.self, byB.self], [a.node.incarnation, b.node.incarnation] as string[]);
  for (const { nodes, shards } of [byA, byB]) {
    t.deepEqual(
      nodes.map(({ id, address }) => [id, address] as const),
      [
        [a.node.incarnation, 'a'],
        [b.node.incarnation, 'b'],
      ],
    );
    t.deepEqual(shards, { total: 8, owned: 8, moving: 0 });
    t.is(
      nodes.reduce((sum, each) => sum + each.shards, 0),
      8,
    );
    for (const node of nodes) {
      t.like(node, { build: 'b', state: 'ready', duty: 'serve', transport: true });
      t.deepEqual(node.workflows, [{ name: 'waits', version: 1 }]);
      t.true(node.leaseMs !== null && node.leaseMs > 0 && node.leaseMs <= 2_000);
    }
  }
});

test('a node that is drained gives its shards up and answers on; one that is cordoned keeps them', async t => {
  const { a, b } = await pair(t);
  const ids = Array.from({ length: 16 }, (_, n) => `w${n}`);
  for (const id of ids) await a.client.start(waits, undefined, { id });
  const before = (await a.client.cluster()).membershipVersion;
  t.like(await b.client.drainNode('a'), { id: a.node.incarnation, duty: 'drain' });
  t.true((await b.client.cluster()).membershipVersion > before);
  await until(async () => (await shardsAt(b, 'b')) === 8);
  t.is(await shardsAt(b, 'a'), 0);
  for (const id of ids) t.is(await a.client.get(waits, id).query(state), 'waiting');
  await a.client.cordonNode(b.node.incarnation);
  await b.client.uncordonNode('a');
  t.like(await nodeAt(a, 'a'), { duty: 'serve' });
  t.deepEqual((await a.client.cluster()).shards, { total: 8, owned: 8, moving: 0 });
  t.is(await shardsAt(a, 'b'), 8);
  await a.client.uncordonNode('b');
  await until(async () => (await shardsAt(a, 'a'))! > 0);
});

test('a node that loses its lease and joins again stays drained', async t => {
  const { nodes, a, b } = await pair(t);
  await b.client.drainNode('a');
  await until(async () => (await shardsAt(b, 'a')) === 0);
  const first = a.node.incarnation;
  await until(async () => (await b.client.cluster()).nodes.some(each => each.address === 'a' && each.duty === 'drain'));
  await nodes.store.leave(first);
  await until(async () => a.node.incarnation !== first && (await nodeAt(b, 'a'))?.duty === 'drain');
  t.is(await shardsAt(b, 'a'), 0);
});

test('one whose next lease ends too, before it could read who lives, stays drained', async t => {
  const nodes = new Nodes(t, waits);
  const { store, silence } = silenced(nodes.store, ['renew', 'members']);
  const a = await nodes.start({ address: 'a', settleMs: 0, store });
  const b = await nodes.start({ address: 'b', settleMs: 0 });
  await until(async () => (await b.client.cluster()).shards.moving === 0);
  await b.client.drainNode('a');
  await until(async () => (await shardsAt(b, 'b')) === 8);
  const first = a.node.incarnation;
  silence(true);
  await until(() => a.node.incarnation !== first);
  const second = a.node.incarnation;
  await until(async () => !(await nodes.store.members()).members.some(each => each.incarnation === second));
  silence(false);
  await until(() => a.node.incarnation !== second);
  await until(async () => (await nodeAt(b, 'a'))?.id === a.node.incarnation);
  t.is((await nodeAt(b, 'a'))?.duty, 'drain');
  t.is(await shardsAt(b, 'a'), 0);
});

test('a node that loses its lease while it leaves does not join again, and ends', async t => {
  const nodes = new Nodes(t, waits);
  const b = await nodes.start({ address: 'b', settleMs: 0 });
  // It leaves, and the store never says that it gave up its first shard.
  const silent = new Proxy(nodes.store, {
    get(store, name) {
      if (name === 'release') return () => new Promise(() => undefined);
      const value: unknown = Reflect.get(store, name);
      return typeof value === 'function' ? (value.bind(store) as unknown) : value;
    },
  });
  const a = await nodes.start({ address: 'a', settleMs: 0, store: silent });
  await until(async () => (await shardsAt(b, 'a'))! > 0);
  const first = a.node.incarnation;
  const drained = a.node.drain(100);
  await until(async () => (await nodeAt(b, 'a'))?.state === 'leaving');
  await nodes.store.leave(first);
  await drained;
  await a.node.stop();
  t.is(a.node.incarnation, first);
  await until(async () => (await shardsAt(b, 'b')) === 8);
  t.is((await b.client.cluster()).nodes.length, 1);
});

test('a node that is told to stop while it joins again does not begin once more', async t => {
  const nodes = new Nodes(t, waits);
  const b = await nodes.start({ address: 'b', settleMs: 0 });
  const joinsAgain = Promise.withResolvers<void>();
  const mayConnect = Promise.withResolvers<void>();
  let wires = 0;
  const connect = async () => {
    if (wires++ > 0) {
      joinsAgain.resolve();
      await mayConnect.promise;
    }
    return nodes.hub.wire();
  };
  const a = await nodes.start({ address: 'a', settleMs: 0, connect });
  const first = a.node.incarnation;
  await nodes.store.leave(first);
  await joinsAgain.promise;
  await a.node.stop();
  mayConnect.resolve();
  await until(async () => (await b.client.cluster()).nodes.length === 1);
  await until(async () => (await shardsAt(b, 'b')) === 8);
  t.is(a.node.incarnation, first);
});

test('a node that is not there is NOT_FOUND, with those that are', async t => {
  const { a } = await pair(t);
  await t.throwsAsync(a.client.drainNode('c'), { code: 'NOT_FOUND', message: /There are: a, b\./ });
  await t.throwsAsync(a.client.drainNode(''), { code: 'VALIDATION' });
});

test('a node that has its store alone tells the same of itself, and cannot be drained', async t => {
  const node = await startNode({ workflows: [waits], store: 'memory:', log: 'silent', shards: 4 });
  t.teardown(() => node.stop());
  const { nodes, shards, self } = await node.client.cluster();
  t.deepEqual(shards, { total: 4, owned: 4, moving: 0 });
  t.is(nodes.length, 1);
  t.like(nodes[0], { id: self, build: node.build, shards: 4, leaseMs: null, state: 'ready' });
  await t.throwsAsync(node.client.drainNode(self), { code: 'VALIDATION', message: /Stop the node/ });
});
