import { startNats } from '@dfnsjs/nats-server';
import test from 'ava';
import { query, signal, startNode, workflow, type DfnsNode } from 'dfns';
import { postgresStore } from '../end-to-end/postgres-stores.ts';
import { until } from '../end-to-end/until.ts';

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

test('three nodes on Postgres and NATS: each answers for every execution, and one that stops hands over', async t => {
  const nats = await startNats();
  t.teardown(() => nats.stop());
  const { store } = await postgresStore();
  const nodes: DfnsNode[] = [];
  for (let n = 0; n < 3; n++) {
    const node = await startNode({
      ...{ store, workflows: [counter], shards: 32, log: 'silent', drainTimeout: 0 },
      transport: nats.url,
      cluster: { address: `place-${n}`, secret: 'a secret of the cluster' },
    });
    nodes.push(node);
    t.teardown(() => node.stop());
  }
  const ids = Array.from({ length: 20 }, (_, n) => `c${n}`);
  const clientOf = (n: number) => nodes[n % 3]!.client;
  await Promise.all(ids.map((id, n) => clientOf(n).start(counter, undefined, { id })));
  await Promise.all(
    ids.map((id, n) =>
      clientOf(n + 1)
        .get(counter, id)
        .signal(add, 1),
    ),
  );
  t.deepEqual(
    await Promise.all(
      ids.map((id, n) =>
        clientOf(n + 2)
          .get(counter, id)
          .query(sum),
      ),
    ),
    ids.map(() => 1),
  );
  const results = ids.map(id => clientOf(1).get(counter, id).result());
  await nodes[0]!.stop();
  await Promise.all(
    ids.map((id, n) =>
      clientOf(1 + (n % 2))
        .get(counter, id)
        .signal(add, -1),
    ),
  );
  t.deepEqual(
    await Promise.all(results),
    ids.map(() => [1]),
  );
  await until(async () => (await clientOf(1).get(counter, 'c0').describe()).status === 'completed');
});
