import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { connect, signal, startNode, workflow, type ChangeEvent, type Events } from 'dfns';
import { Child } from './child.ts';
import { onEachStore } from './on-each-store.ts';
import { scratch } from './scratch.ts';
import { until as holds } from './until.ts';

const go = signal('go');
const order = workflow({ name: 'order', signals: [go], attributes: { tier: 'keyword' } }, async ctx => {
  await ctx.waitForSignal(go);
  await ctx.step('charge', () => 1);
  ctx.setAttributes({ tier: 'paid' });
  await ctx.waitForSignal(go);
});
const other = workflow({ name: 'other', signals: [go] }, ctx => ctx.waitForSignal(go));
const doomed = workflow({ name: 'doomed', onError: () => 'hold' }, () => Promise.reject(new Error('no')));

/** Events up to the one that `isLast` says, told in a word each; turns that were gathered say nothing by their count. */
async function until(events: Events, isLast: (event: ChangeEvent) => boolean): Promise<ChangeEvent[]> {
  const seen: ChangeEvent[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done) throw new Error('the events ended');
    seen.push(value);
    if (isLast(value)) return seen;
  }
}

const named = (events: readonly ChangeEvent[]) =>
  events.flatMap(event =>
    event.type === 'reset' ? 'reset' : event.type === 'changed' ? [] : `${event.id} ${event.type}`,
  );

onEachStore(
  'events: what starts, is set, held, ended and deleted is told in order',
  { workflows: [order, other, doomed] },
  async (t, { client }) => {
    const events = client.events();
    await events.listening();
    const handle = await client.start(order, undefined, { id: 'a' });
    await handle.signal(go);
    const paid = await until(events, ({ type }) => type === 'attributes-set');
    t.deepEqual(named(paid), ['a started', 'a attributes-set']);
    t.like(paid[0], { namespace: 'default', id: 'a', runId: handle.runId, workflow: 'order', version: 1, turn: 1 });
    t.like(paid[0], { status: 'running', held: undefined });
    await handle.signal(go);
    await handle.delete().catch(() => handle.result().then(() => handle.delete()));
    await client.start(doomed, undefined, { id: 'b' });
    const rest = await until(events, ({ type }) => type === 'held');
    t.deepEqual(named(rest), ['a closed', 'a deleted', 'b held']);
    t.like(rest.at(-1), { held: 'ON_ERROR', status: 'running' });
    const turns = [...paid, ...rest].flatMap(event => (event.type !== 'reset' && event.id === 'a' ? event.turn : []));
    t.deepEqual(
      turns,
      turns.toSorted((x, y) => x - y),
    );
    for (const event of rest) if (event.type !== 'reset') t.true(event.at instanceof Date);
    await events.return();
  },
);

onEachStore(
  'events: a filter is of the execution as of the change',
  { workflows: [order, other] },
  async (t, { client }) => {
    const all = client.events({ idPrefix: 'x-' });
    const filtered = {
      workflow: client.events({ workflow: order }),
      status: client.events({ status: ['completed'] }),
      attribute: client.events({ attributes: { tier: 'paid' } }),
      id: client.events({ id: 'x-2' }),
    };
    await Promise.all([all, ...Object.values(filtered)].map(events => events.listening()));
    const one = await client.start(order, undefined, { id: 'x-1' });
    const two = await client.start(other, undefined, { id: 'x-2' });
    await client.start(other, undefined, { id: 'y-1' });
    await two.signal(go);
    await one.signal(go);
    await until(all, event => event.type === 'attributes-set');
    await one.signal(go);
    const isOf = (id: string, type: string) => (event: ChangeEvent) =>
      event.type === type && 'id' in event && event.id === id;
    t.deepEqual(named(await until(filtered.workflow, isOf('x-1', 'closed'))), [
      'x-1 started',
      'x-1 attributes-set',
      'x-1 closed',
    ]);
    t.deepEqual(named(await until(filtered.status, isOf('x-1', 'closed'))), ['x-2 closed', 'x-1 closed']);
    t.deepEqual(named(await until(filtered.attribute, isOf('x-1', 'closed'))), ['x-1 attributes-set', 'x-1 closed']);
    t.deepEqual(named(await until(filtered.id, isOf('x-2', 'closed'))), ['x-2 started', 'x-2 closed']);
    for (const events of [all, ...Object.values(filtered)]) await events.return();
  },
);

onEachStore(
  'events: after a cursor what came since is told, and nothing twice; a cursor of another filter is refused',
  { workflows: [other] },
  async (t, { client }) => {
    const events = client.events({ workflow: other });
    await events.listening();
    const handle = await client.start(other, undefined, { id: 'a' });
    const [started] = await until(events, ({ type }) => type === 'started');
    await events.return();
    await handle.signal(go);
    await client.start(other, undefined, { id: 'b' });
    const again = client.events({ workflow: other, after: started!.cursor });
    t.deepEqual(named(await until(again, event => 'id' in event && event.id === 'b')), ['a closed', 'b started']);
    await again.return();
    for (const after of [started!.cursor, 'made-up', `${started!.cursor.slice(0, -2)}AA`]) {
      const filter = after === started!.cursor ? {} : { workflow: other };
      await t.throwsAsync(client.events({ ...filter, after }).next(), { code: 'VALIDATION', message: /Last-Event-ID/ });
    }
  },
);

onEachStore(
  'events: an iteration ends by break, by abort with its reason, and at its timeout',
  { workflows: [other] },
  async (t, { client }) => {
    const abort = new AbortController();
    const aborted = client.events({ abortSignal: abort.signal });
    await aborted.listening();
    const next = aborted.next();
    abort.abort(new Error('enough'));
    await t.throwsAsync(next, { message: 'enough' });
    t.true((await aborted.next()).done);
    await t.throwsAsync(client.events({ abortSignal: abort.signal }).next(), { message: 'enough' });
    await t.throwsAsync(client.events({ timeout: 1 }).next(), { code: 'TIMEOUT' });
    const broken = client.events();
    await broken.listening();
    await client.start(other, undefined, { id: 'a' });
    for await (const event of broken) {
      t.is(event.type, 'started');
      break;
    }
    t.true((await broken.next()).done);
    const waiting = client.events();
    await waiting.listening();
    const pending = waiting.next();
    await waiting.return();
    t.true((await pending).done);
    t.throws(() => client.events({ after: 1 as never }), { code: 'VALIDATION' });
    t.throws(() => client.events({ idd: 'a' } as never), { code: 'VALIDATION', message: /"id"/ });
  },
);

test('events: a cut is resumed from where it was, with nothing lost and nothing twice', async t => {
  const node = await startNode({ workflows: [other], http: { port: 0 }, log: 'silent', drainTimeout: 0 });
  t.teardown(() => node.stop());
  const cuts: AbortController[] = [];
  const asked: (string | null)[] = [];
  let gate = Promise.resolve();
  const client = connect(node.url!, {
    fetch: async (url, init) => {
      if (!url.includes('/v1/events')) return fetch(url, init);
      asked.push(new Headers(init?.headers).get('last-event-id'));
      await gate;
      const cut = new AbortController();
      cuts.push(cut);
      return fetch(url, { ...init, signal: AbortSignal.any([cut.signal, init.signal]) });
    },
  });
  const events = client.events();
  await events.listening();
  const seen: string[] = [];
  for (let n = 0; n < 5; n++) {
    let open: () => void = () => undefined;
    gate = new Promise(resolve => (open = resolve));
    const pending = until(events, event => 'id' in event && event.id === `after-${n}`);
    cuts.at(-1)!.abort();
    await client.start(other, undefined, { id: `while-${n}` });
    await client.get(`while-${n}`).signal(go);
    open();
    await holds(() => cuts.length === n + 2);
    await client.start(other, undefined, { id: `after-${n}` });
    seen.push(...named(await pending));
  }
  t.deepEqual(
    seen,
    [0, 1, 2, 3, 4].flatMap(n => [`while-${n} started`, `while-${n} closed`, `after-${n} started`]),
  );
  t.is(asked[0], null);
  t.is(asked.slice(1).filter(id => id !== null).length, 5);
  await events.return();
});

test('events: after the death of the node a reset says that something may be missing, and what changes then is told', async t => {
  const store = `sqlite:${join(scratch(t), 'app.db')}`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  const first = new Child(t, 'notebook.ts', store, String(port));
  await holds(() => first.isRunning && isReady());
  const client = connect(url, { attempts: 100 });
  const events = client.events();
  await events.listening();
  await client.start('notebook', undefined, { id: 'a' });
  t.deepEqual(named(await until(events, ({ type }) => type === 'started')), ['a started']);
  const pending = events.next();
  await first.kill();
  const second = new Child(t, 'notebook.ts', store, String(port));
  t.is((await pending).value?.type, 'reset');
  await client.get('a').signal('note', 1);
  await client.get('a').signal('end');
  t.deepEqual(named(await until(events, ({ type }) => type === 'closed')), ['a closed']);
  await events.return();
  await second.kill();
});

test('events: a namespace hears of its own, and a key of another of nothing', async t => {
  const node = await startNode({
    workflows: [other],
    http: { port: 0, apiKeys: 'app@shop=shop-key,app=any-key,reader=reader-key,metrics=metrics-key' },
    log: 'silent',
    drainTimeout: 0,
  });
  t.teardown(() => node.stop());
  const shop = connect(node.url!, { apiKey: 'shop-key', namespace: 'shop' });
  const all = connect(node.url!, { apiKey: 'any-key' });
  const inShop = connect(node.url!, { apiKey: 'reader-key', namespace: 'shop' }).events();
  const inDefault = connect(node.url!, { apiKey: 'reader-key' }).events();
  await Promise.all([inShop.listening(), inDefault.listening()]);
  await shop.start(other, undefined, { id: 'of-shop' });
  await all.start(other, undefined, { id: 'of-default' });
  const [fromShop] = await until(inShop, () => true);
  t.like(fromShop, { namespace: 'shop', id: 'of-shop' });
  t.like((await until(inDefault, () => true))[0], { namespace: 'default', id: 'of-default' });
  const next = (apiKey: string | undefined, namespace: string, after?: string) =>
    connect(node.url!, { apiKey, namespace, attempts: 1 }).events({ after }).next();
  await t.throwsAsync(next('shop-key', 'default'), { code: 'NOT_FOUND' });
  await t.throwsAsync(next('metrics-key', 'shop'), { code: 'FORBIDDEN' });
  await t.throwsAsync(next(undefined, 'shop'), { code: 'UNAUTHENTICATED' });
  // A cursor of one namespace is none of another, whoever asks.
  await t.throwsAsync(next('any-key', 'default', fromShop!.cursor), { code: 'VALIDATION' });
  await inShop.return();
  await inDefault.return();
});

test('events: a node that stops ends the streams of its own client with UNAVAILABLE', async t => {
  const node = await startNode({ workflows: [other], log: 'silent', drainTimeout: 0 });
  const events = node.client.events();
  await events.listening();
  const next = events.next();
  const refused = t.throwsAsync(next, { code: 'UNAVAILABLE' });
  await node.stop();
  await refused;
  await t.throwsAsync(node.client.events().next(), { code: 'UNAVAILABLE' });
});

/** For a process that is told its port. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
