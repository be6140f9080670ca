import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import test from 'ava';
import { signal, workflow, type AnyWorkflow } from 'dfns';
import { z } from 'zod';
import { until } from '../end-to-end/until.ts';
import { Nodes, silenced } from './nodes.ts';

const go = signal<'go', number>('go');
const common = workflow({ name: 'common', signals: [go] }, ctx => ctx.waitForSignal(go));
const special = workflow({ name: 'special', signals: [go] }, async ctx => {
  const n = await ctx.waitForSignal(go);
  await ctx.step('last', () => n);
  return n;
});
const ids = Array.from({ length: 16 }, (_, n) => `e${n}`);

const yes = () => true;
const no = () => false;

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

const rate = signal('rate', { input: z.object({ by: z.coerce.number() }) });
const rated = workflow(
  { name: 'rated', input: z.object({ of: z.coerce.number() }), signals: [rate], attributes: { since: 'date' } },
  async (ctx, { of }) => of * (await ctx.waitForSignal(rate)).by,
);

test('a node takes starts and messages for what others alone can run, and has them checked there', async t => {
  const nodes = new Nodes(t);
  const here = await nodes.start({ settleMs: 20, workflows: having(common) });
  await nodes.start({ settleMs: 20, workflows: having(common) });
  const there = await nodes.start({ settleMs: 20, workflows: having(rated) });
  const { client } = here;
  const attributes = { since: new Date(0) };
  const isStarted = (id: string) =>
    client.start('rated', { of: '3' }, { id, attributes, onConflict: 'use-existing' }).then(yes, no);
  // Nodes learn of each other within a third of a lease.
  for (const id of ids) await until(() => isStarted(id));
  await t.throwsAsync(client.start('rated', { of: 'x' }, { id: 'bad' }), { code: 'VALIDATION' });
  await t.throwsAsync(client.start('rated', { of: 3 }, { id: 'bad', attributes: { until: 1 } }), {
    code: 'VALIDATION',
  });
  await t.throwsAsync(client.start('rates', { of: 3 }, { id: 'bad' }), { code: 'UNKNOWN_WORKFLOW' });
  await t.throwsAsync(client.get(rated, 'bad').describe(), { code: 'NOT_FOUND' });
  for (const [n, id] of ids.entries()) {
    const handle = client.get(rated, id);
    await t.throwsAsync(handle.signal('rate', { by: 'x' } as never), { code: 'VALIDATION' });
    await handle.signal('rate', { by: String(n) } as never);
    t.is(await handle.result(), 3 * n);
  }
  const both = { id: 'both', signal: { name: 'rate', payload: { by: '7' } } };
  t.is(await (await client.signalWithStart('rated', { of: '2' }, both)).result(), 14);

  there.node.kill();
  // It may be back yet; once it is not, nobody knows of the workflow.
  await t.throwsAsync(client.start('rated', { of: 3 }, { id: 'late' }), { code: 'UNAVAILABLE' });
  await until(async () =>
    client.start('rated', { of: 3 }, { id: 'late' }).then(
      () => false,
      ({ code }) => code === 'UNKNOWN_WORKFLOW',
    ),
  );
});

test('messages to what a drained node alone can run are checked there, also by way of a node that joins again', async t => {
  const nodes = new Nodes(t);
  const { store, silence } = silenced(nodes.store, ['members']);
  const there = await nodes.start({ address: 'there', settleMs: 20, workflows: having(rated) });
  const here = await nodes.start({ address: 'here', settleMs: 20, workflows: having(common), store });
  const owner = await nodes.start({ address: 'owner', settleMs: 20, workflows: having(common) });
  for (const id of ids) await there.client.start(rated, { of: 3 }, { id });
  for (const address of ['there', 'here']) await owner.client.drainNode(address);
  await until(async () => [...(await ownersOf(nodes)).values()].every(each => each === owner.node.incarnation));
  const wrong = () => here.client.get(rated, ids[0]!).signal('rate', { by: 'x' } as never);
  await t.throwsAsync(wrong, { code: 'VALIDATION' });

  silence(true);
  const first = here.node.incarnation;
  await nodes.store.leave(first);
  await until(() => here.node.incarnation !== first);
  await t.throwsAsync(wrong, { code: 'VALIDATION' });
  silence(false);
  await owner.client.uncordonNode('there');
  for (const [n, id] of ids.entries()) {
    await here.client.get(rated, id).signal('rate', { by: String(n) } as never);
    t.is(await here.client.get(rated, id).result(), 3 * n);
  }
});
