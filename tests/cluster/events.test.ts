import test, { type ExecutionContext } from 'ava';
import type { ChangeEvent, Events } from '@dfnsjs/client';
import { signal, workflow } from 'dfns';
import { until } from '../end-to-end/until.ts';
import { Nodes } from './nodes.ts';

const go = signal('go');
const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
const IDS = Array.from({ length: 16 }, (_, n) => `e${n}`);

async function scene(t: ExecutionContext, names: string) {
  const nodes = new Nodes(t, waits);
  const start = (address: string) => nodes.start({ address, settleMs: 20, secret: 'of the cluster' });
  const members = [];
  for (const name of names) members.push(await start(name));
  const owners = async () => new Set((await nodes.store.shards()).map(({ owner }) => owner));
  const allServe = (count: number) => until(async () => (await owners()).size === count);
  await allServe(members.length);
  return { members, start, allServe };
}

/** Until as many are told as are asked for, or something is missing. */
async function told(events: Events, count: number): Promise<ChangeEvent[]> {
  const all: ChangeEvent[] = [];
  for (; all.length < count && all.at(-1)?.type !== 'reset';) {
    const { value } = await events.next();
    if (value && value.type !== 'changed') all.push(value);
  }
  return all;
}

const named = (events: readonly ChangeEvent[]) =>
  events.map(event => (event.type === 'reset' ? 'reset' : `${event.id} ${event.type}`)).toSorted();
const each = (type: string) => IDS.map(id => `${id} ${type}`).toSorted();

test('whoever listens at one node is told of the executions of all', async t => {
  const { members } = await scene(t, 'ab');
  const [a, b] = members as [(typeof members)[0], (typeof members)[0]];
  const [here, there] = [a.client.events(), b.client.events({ idPrefix: 'e1' })];
  await Promise.all([here.listening(), there.listening()]);
  for (const id of IDS) await b.client.start(waits, undefined, { id });
  t.deepEqual(named(await told(here, IDS.length)), each('started'));
  for (const id of IDS) await a.client.get(waits, id).signal(go);
  t.deepEqual(named(await told(here, IDS.length)), each('closed'));
  const few = IDS.filter(id => id.startsWith('e1')).flatMap(id => [`${id} started`, `${id} closed`]);
  t.deepEqual(named(await told(there, few.length)), few.toSorted());
});

test('a cursor goes on at another node, over a node that joins; after one is gone something may be missing', async t => {
  const { members, start, allServe } = await scene(t, 'ab');
  const [a, b] = members as [(typeof members)[0], (typeof members)[0]];
  const first = a.client.events();
  await first.listening();
  await Promise.all(IDS.map(id => a.client.start(waits, undefined, { id })));
  const started = await told(first, IDS.length);
  t.deepEqual(named(started), each('started'));
  await first.return();

  const c = await start('c');
  await allServe(3);
  await Promise.all(IDS.map(id => c.client.get(waits, id).signal(go)));
  const after = started.at(-1)?.cursor;
  const second = b.client.events({ after });
  t.deepEqual(named(await told(second, IDS.length)), each('closed'));
  // At the node that joined as well, and from where the other went on.
  const third = c.client.events({ after });
  t.deepEqual(named(await told(third, IDS.length)), each('closed'));
  await t.throwsAsync(b.client.events({ after, idPrefix: 'e1' }).listening(), { code: 'VALIDATION' });

  c.node.kill();
  t.deepEqual(named(await told(second, 1)), ['reset']);
  await allServe(2);
  await a.client.start(waits, undefined, { id: 'again' });
  // Whoever took its shards says so too.
  let next = await told(second, 1);
  while (next[0]?.type === 'reset') next = await told(second, 1);
  t.deepEqual(named(next), ['again started']);
});
