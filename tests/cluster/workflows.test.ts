import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import test from 'ava';
import { signal, workflow, type AnyWorkflow } from 'dfns';
import { until } from '../end-to-end/until.ts';
import { Nodes } from './nodes.ts';

const go = signal<'go', number>('go');
const common = workflow({ name: 'common', signals: [go] }, ctx => ctx.waitForSignal(go));
const special = workflow({ name: 'special', signals: [go] }, async ctx => {
  const n = await ctx.waitForSignal(go);
  await ctx.step('last', () => n);
  return n;
});
const ids = Array.from({ length: 16 }, (_, n) => `e${n}`);

function having(...workflows: AnyWorkflow[]): WorkflowRegistry {
  const registry = new WorkflowRegistry();
  for (const each of workflows) registry.register(each);
  return registry;
}

async function ownersOf(nodes: Nodes): Promise<ReadonlyMap<number, string | null>> {
  return new Map((await nodes.store.shards()).map(({ shard, owner }) => [shard as number, owner]));
}

async function shardsOf(nodes: Nodes, name: string): Promise<ReadonlySet<number>> {
  const rows = await nodes.store.list({
    filter: { namespace: 'default', workflow: name, status: ['running'] },
    order: 'oldest',
    limit: 100,
  });
  return new Set(rows.map(({ shard }) => shard as number));
}

test('executions stay with the nodes that have their workflow, and what is started elsewhere comes to them', async t => {
  const nodes = new Nodes(t);
  const both = await nodes.start({ settleMs: 50, workflows: having(common, special) });
  for (const id of ids.slice(0, 3)) await both.client.start(special, undefined, { id });
  const pinned = await shardsOf(nodes, 'special');
  const one = await nodes.start({ settleMs: 50, workflows: having(common) });
  const had = async () => [...(await ownersOf(nodes))].filter(([, owner]) => owner === one.node.incarnation).length;
  // It takes its share of what holds nothing that it lacks.
  await until(
    async () => (await both.node.operations.cluster({ namespace: 'default' })).shards.moving === 0 && (await had()) > 0,
  );
  for (const shard of pinned) t.is((await ownersOf(nodes)).get(shard), both.node.incarnation);
  const share = await had();
  // To shards of either: the other owner stores what it cannot run, and gives the shard away.
  for (const id of ids.slice(3)) await both.client.start(special, undefined, { id });
  for (const [n, id] of ids.entries()) await one.client.get(special, id).signal(go, n);
  for (const [n, id] of ids.entries()) t.is(await one.client.get(special, id).result(), n);
  t.deepEqual(
    await nodes.store.held(
      [...Array(8).keys()].map(shard => ({ shard: shard as never })),
      100,
    ),
    [],
  );
  t.true(nodes.logged.includes('error an execution is held'));
  // Nothing of it is open any more: the other takes its share again.
  await until(async () => (await had()) >= share);
});

test('what nobody can run is held, and goes on by itself once a node joins that can', async t => {
  const nodes = new Nodes(t);
  const first = await nodes.start({ settleMs: 50, workflows: having(common, special) });
  for (const id of ids) await first.client.start(special, undefined, { id });
  const second = await nodes.start({ settleMs: 50, workflows: having(common) });
  await first.node.stop();
  for (const [n, id] of ids.entries()) await second.client.get(common, id).signal(go, n);
  await until(async () => (await second.client.get(special, ids[0]!).describe()).held?.code === 'UNKNOWN_WORKFLOW');
  await t.throwsAsync(second.client.start('special', undefined), { code: 'UNKNOWN_WORKFLOW' });
  const third = await nodes.start({ settleMs: 50, workflows: having(special) });
  for (const [n, id] of ids.entries()) t.is(await third.client.get(special, id).result(), n);
});
