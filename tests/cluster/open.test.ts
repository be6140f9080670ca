import { Measurements, type Store } from '@dfnsjs/actor-core/ports';
import test from 'ava';
import { signal, workflow } from 'dfns';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../end-to-end/until.ts';
import { Nodes, type Member } from './nodes.ts';

const go = signal<'go', 'end' | 'anew'>('go');
const waits = workflow({ name: 'waits', signals: [go] }, async ctx => {
  if ((await ctx.waitForSignal(go)) === 'anew') await ctx.continueAsNew();
});

/** Its counts are long on their way. */
function counting(store: Store, asked: () => void = () => undefined): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'countOpen') return (value as () => unknown).bind(target);
      return async (...args: Parameters<Store['countOpen']>) => {
        asked();
        const counts = await target.countOpen(...args);
        await pause(100);
        return counts;
      };
    },
  });
}

test('what nodes count as open is together what is open, while shards move, and after a node was killed', async t => {
  const nodes = new Nodes(t, waits);
  const measured = new Map<Member, Measurements>();
  const start = async () => {
    const measurements = new Measurements(() => performance.now());
    const store = counting(nodes.store);
    const member = await nodes.start({ settleMs: 50, measurements, store });
    measured.set(member, measurements);
    return member;
  };
  const told = () => {
    let sum = 0;
    for (const measurements of measured.values()) {
      const reading = measurements.read().find(({ key }) => key === 'executionsOpen');
      for (const series of reading?.series ?? []) sum += 'value' in series ? series.value : NaN;
    }
    return sum;
  };
  const open = async () =>
    (await nodes.store.count({ namespace: 'default', workflow: 'waits', status: ['running'] }, 10_000)).count;
  const owned = async (member: Member) =>
    (await nodes.store.shards()).filter(({ owner }) => owner === member.node.incarnation).length;

  const a = await start();
  const resting = Array.from({ length: 40 }, (_, n) => `rests-${n}`);
  await Promise.all(resting.map(id => a.client.start(waits, undefined, { id })));
  await until(() => told() === 40);
  let by = a;
  let ended = 0;
  const work = new AbortController();
  const working = Array.from({ length: 4 }, async (_, worker) => {
    for (let n = 0; !work.signal.aborted; n++) {
      const handle = await by.client.start(waits, undefined, { id: `works-${worker}-${n}` });
      await handle.signal(go, 'anew');
      if (n % 3 === 0) await handle.terminate();
      else if (n % 3 === 1) await handle.signal(go, 'end').then(() => handle.result());
      ended++;
    }
  });
  const b = await start();
  await until(async () => (await owned(b)) >= 3);
  const c = await start();
  await until(async () => (await owned(c)) >= 2 && (await owned(b)) >= 2 && (await owned(a)) <= 3);
  by = b;
  const before = ended;
  await until(() => ended > before + 100);
  work.abort();
  await Promise.all(working);
  await until(async () => told() === (await open()));
  t.true((await open()) > 40);

  measured.delete(a);
  a.node.kill();
  await until(async () => (await owned(b)) + (await owned(c)) === 8);
  for (const id of resting.slice(0, 10)) await b.client.get(waits, id).terminate();
  await until(async () => told() === (await open()));
  for (const id of resting.slice(10)) await c.client.get(waits, id).terminate();
  t.is(told(), await open());

  await c.node.drain(10_000);
  await c.node.stop();
  measured.delete(c);
  await until(async () => (await owned(b)) === 8 && told() === (await open()));
  await b.node.stop();
  t.is(told(), 0);
});

test('a node that measures nothing asks for no count', async t => {
  const nodes = new Nodes(t, waits);
  let asked = 0;
  const { client } = await nodes.start({ store: counting(nodes.store, () => asked++) });
  await client.start(waits);
  t.is(asked, 0);
});
