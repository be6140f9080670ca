import test, { type ExecutionContext } from 'ava';
import { encode, keyedMessageId } from '@dfnsjs/actor-core/values';
import { Hub, type Wire } from '@dfnsjs/cluster';
import { setTimeout as pause } from 'node:timers/promises';
import { query, signal, update, workflow } from 'dfns';
import { z } from 'zod';
import { until } from '../end-to-end/until.ts';
import { Nodes, unconnected } from './nodes.ts';

const add = signal<'add', number>('add');
const order = signal('order', { input: z.object({ count: z.coerce.number() }) });
const finish = signal<'finish', string>('finish');
const total = query<'total', void, number>('total');
const bump = update<'bump', number, number>('bump');
const ends = workflow({ name: 'ends', signals: [add, order, finish], queries: [total], updates: [bump] }, async ctx => {
  let sum = 0;
  ctx.on(add, by => void (sum += by));
  ctx.on(order, ({ count }) => void (sum += count));
  ctx.on(total, () => sum);
  ctx.on(bump, by => (sum += by));
  return `${await ctx.waitForSignal(finish)} with ${sum}`;
});
/** `b` has all shards, and `a` reaches no other node. */
async function scene(t: ExecutionContext) {
  const nodes = new Nodes(t, ends);
  const lone = new Hub(nodes.clock).wire();
  const a = await nodes.start({ address: 'a', settleMs: 20, connect: async () => unconnected(lone) });
  const b = await nodes.start({ address: 'b', settleMs: 20 });
  const owned = async () => (await nodes.store.shards()).filter(({ owner }) => owner === b.node.incarnation).length;
  await until(async () => (await owned()) === 8);
  /** By way of `a`, as often as need be under one key. */
  const keyed = (id: string, name: string, value: unknown, key: string) =>
    a.node.operations.signal({
      ...{ namespace: 'default', id, name, payload: encode(value, 'payload') },
      messageId: keyedMessageId(key, JSON.stringify(value)),
    });
  const start = async (id: string) => {
    await b.client.start(ends, undefined, { id });
    return { away: a.client.get(ends, id), near: b.client.get(ends, id) };
  };
  return { a, start, keyed };
}

test('a signal by way of a node that reaches no other is taken once, in order, and as its schema has it', async t => {
  const { start } = await scene(t);
  const { away, near } = await start('e');
  await Promise.all([away.signal(add, 1), away.signal(add, 10)]);
  t.is(await near.query(total), 11);
  await away.signal(order, { count: '100' });
  await near.signal(add, 1_000);
  await away.signal(add, 10_000);
  t.is(await near.query(total), 11_111);
  await t.throwsAsync(away.signal(order, { count: 'x' }), { code: 'VALIDATION' });
  await t.throwsAsync(away.update(bump, 1), { code: 'UNAVAILABLE' });
  await t.throwsAsync(away.query(total), { code: 'UNAVAILABLE' });
  t.is(await near.query(total), 11_111);
});

test('one that ends its execution is accepted, and what comes after it is CLOSED', async t => {
  const { a, start, keyed } = await scene(t);
  const { away, near } = await start('e');
  await keyed('e', 'finish', 'done', 'k');
  t.is(await near.result(), 'done with 0');
  await t.throwsAsync(away.signal(add, 1), { code: 'CLOSED' });
  // The same once more, as after an answer that was lost.
  await keyed('e', 'finish', 'done', 'k');
  await t.throwsAsync(keyed('e', 'finish', 'other', 'k'), { code: 'ALREADY_EXISTS' });
  await t.throwsAsync(a.client.get(ends, 'none').signal(add, 1), { code: 'NOT_FOUND' });
});

test('a key that was used with another body is told so while the execution goes on', async t => {
  const { start, keyed } = await scene(t);
  const { near } = await start('e');
  await keyed('e', 'add', 1, 'k');
  await keyed('e', 'add', 1, 'k');
  await t.throwsAsync(keyed('e', 'add', 2, 'k'), { code: 'ALREADY_EXISTS' });
  t.is(await near.query(total), 1);
});

test('an execution is cancelled by way of a node that reaches no other', async t => {
  const { start } = await scene(t);
  const { away, near } = await start('e');
  await away.cancel('enough');
  await t.throwsAsync(near.result(), { code: 'CANCELLED' });
});

test('a node serves under its first lease though its transport takes longer than that to open', async t => {
  const nodes = new Nodes(t, ends);
  let joined = 0;
  const store = new Proxy(nodes.store, {
    get(target, name) {
      if (name === 'join') joined++;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  // As servers do that accept a connection and then say nothing.
  const wire = unconnected(new Hub(nodes.clock).wire());
  const slow = Object.assign(Object.create(wire) as Wire, {
    open: async (...args: Parameters<Wire['open']>) => {
      await pause(5_000);
      return wire.open(...args);
    },
  });
  const { client } = await nodes.start({ store, connect: async () => slow });
  await client.start(ends, undefined, { id: 'e' });
  await client.get(ends, 'e').signal(finish, 'served');
  t.is(await client.get(ends, 'e').result(), 'served with 0');
  t.is(joined, 1);
});
