import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Hub, type ClusterNodeOptions } from '@dfnsjs/cluster';
import { workflow } from 'dfns';
import { until } from '../end-to-end/until.ts';
import { Nodes, silenced } from './nodes.ts';

const quick = workflow({ name: 'quick' }, async (_, input: number) => input + 1);
const secret = 'of the cluster';

const strangers: Record<string, (nodes: Nodes) => Partial<ClusterNodeOptions>> = {
  'of another secret': () => ({ secret: 'another' }),
  'of another cluster': () => ({ secret, cluster: 'another' }),
  'at another server': ({ clock }) => ({ secret, connect: async () => new Hub(clock).wire() }),
  'without a transport': () => ({ connect: undefined }),
};

for (const [what, options] of Object.entries(strangers)) {
  test(`a node ${what} on the store of others has no shard, and says why`, async t => {
    const nodes = new Nodes(t, quick);
    const one = await nodes.start({ address: 'one', settleMs: 20, secret });
    const stranger = await nodes.start({ address: 'stranger', settleMs: 20, ...options(nodes) });
    t.true(stranger.node.isStranger);
    t.false(one.node.isStranger);
    t.true(nodes.logged.some(line => line.startsWith('error other nodes share this store')));
    const two = await nodes.start({ address: 'two', settleMs: 20, secret });
    t.false(two.node.isStranger);
    const owners = async () => new Set((await nodes.store.shards()).map(({ owner }) => owner));
    await until(async () => (await owners()).has(two.node.incarnation));
    // Several looks of each node at the others.
    await sleep(3_000);
    t.deepEqual(await owners(), new Set([one.node.incarnation, two.node.incarnation]));
    for (let n = 0; n < 16; n++) t.is(await one.client.execute(quick, n, { id: `e${n}` }), n + 1);
    // It is all that is left: better than none.
    await Promise.all([one.node.stop(), two.node.stop()]);
    await until(async () => (await owners()).has(stranger.node.incarnation));
    t.is(await stranger.client.execute(quick, 1, { id: 'alone' }), 2);
  });
}

test('a node of another secret that cannot read at first who lives takes nothing meanwhile', async t => {
  const nodes = new Nodes(t, quick);
  const one = await nodes.start({ address: 'one', settleMs: 20, secret });
  const two = await nodes.start({ address: 'two', settleMs: 20, secret });
  const owners = async () => (await nodes.store.shards()).map(({ owner }) => owner);
  await until(async () => new Set(await owners()).size === 2);
  const { store, silence } = silenced(nodes.store, ['renew', 'members']);
  silence(true);
  const starting = nodes.start({ address: 'stranger', settleMs: 20, secret: 'another', store });
  // What it had is nobody's for a moment.
  await two.node.stop();
  const seen = new Set<string | null>();
  for (let looks = 0; looks < 60; looks++) {
    if (looks === 30) silence(false);
    await sleep(50);
    for (const owner of await owners()) seen.add(owner);
  }
  const stranger = await starting;
  t.true(stranger.node.isStranger);
  t.false(seen.has(stranger.node.incarnation));
  t.deepEqual(new Set(await owners()), new Set([one.node.incarnation]));
});
