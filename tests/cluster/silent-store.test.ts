import test from 'ava';
import { Measurements } from '@dfnsjs/actor-core/ports';
import { signal, update, workflow } from 'dfns';
import { z } from 'zod';
import { until } from '../end-to-end/until.ts';
import { Nodes, silenced } from './nodes.ts';

const go = signal('go', { input: z.number() });
const end = signal('end');
const add = update<'add', number, number>('add');
const counts = workflow({ name: 'counts', signals: [end], updates: [add] }, async ctx => {
  let sum = 0;
  ctx.on(add, by => (sum += by));
  await ctx.waitForSignal(end);
  return sum;
});
const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
const READ = ['current', 'chain', 'load', 'list', 'count', 'members', 'shards'];
const ALL = [...READ, 'commit', 'join', 'renew', 'acquire', 'resync', 'inbox', 'due', 'held', 'bury'];

test('what the store does not answer is UNAVAILABLE, and whoever waits for a result goes on waiting', async t => {
  const nodes = new Nodes(t, waits);
  const { store, silence } = silenced(nodes.store, READ);
  const measurements = new Measurements(() => 0);
  const { client, node } = await nodes.start({ store, measurements, passivateAfterMs: 1 });
  const ids = ['e', 'f'];
  const [e, f] = await Promise.all(ids.map(id => client.start(waits, undefined, { id })));
  const address = { namespace: 'default', id: 'e' };
  silence(true);
  const { operations } = node;
  const questions: Record<string, () => Promise<unknown>> = {
    list: () => operations.list({ namespace: 'default', order: 'newest', limit: 10 }),
    count: () => operations.count({ namespace: 'default' }),
    describe: () => operations.describe(address),
    absent: () => operations.describe({ namespace: 'default', id: 'absent' }),
    history: () => operations.history({ ...address, limit: 10 }),
    export: () => operations.exportHistory(address),
    timeline: () => operations.timeline(address),
    state: () => operations.state(address),
    turn: () => operations.turn({ namespace: 'default', id: 'absent' }),
    signal: () => client.get(waits, 'absent').signal(go, 1),
    retry: () => client.get(waits, 'absent').retry(),
    cluster: () => operations.cluster({ namespace: 'default' }),
  };
  for (const [name, ask] of Object.entries(questions)) await t.throwsAsync(ask(), { code: 'UNAVAILABLE' }, name);
  t.true(measurements.counter('rejected', ['store']).value >= 8);
  const results = [e!.result(), f!.result()];
  silence(false);
  for (const id of ids) await client.get(waits, id).signal(go, 7);
  t.deepEqual(await Promise.all(results), [7, 7]);
});

test('calls in hand when a lease runs out over a silent store are UNAVAILABLE; who waits for a result goes on', async t => {
  const nodes = new Nodes(t, counts);
  const { store, silence } = silenced(nodes.store, ALL);
  const { client, node } = await nodes.start({ store });
  const before = node.incarnation;
  const handle = await client.start(counts, undefined, { id: 'e' });
  await handle.update(add, 1);
  const result = handle.result();
  silence(true);
  const calls = {
    start: client.start(counts, undefined, { id: 'new' }),
    signal: handle.signal(end),
    update: handle.update(add, 10),
  };
  for (const [name, call] of Object.entries(calls)) await t.throwsAsync(call, { code: 'UNAVAILABLE' }, name);
  silence(false);
  await until(async () => node.incarnation !== before);
  await until(async () =>
    handle.update(add, 100).then(
      () => true,
      () => false,
    ),
  );
  t.true([101, 111].includes(await handle.update(add, 0)));
  await handle.signal(end);
  t.regex(String(await result), /^1?[01]1$/);
});
