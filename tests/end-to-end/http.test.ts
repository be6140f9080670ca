import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connect, query, signal, startNode, update, workflow, type NodeOptions } from 'dfns';
import { Child } from './child.ts';
import { scratch } from './scratch.ts';
import { until } from './until.ts';

const note = signal<'note', number>('note');
const end = signal('end');
const notes = query<'notes', void, readonly number[]>('notes');
const add = update<'add', number, number>('add');

const notebook = workflow({ name: 'notebook', signals: [note, end], queries: [notes], updates: [add] }, async ctx => {
  const taken: number[] = [];
  ctx.on(notes, () => taken);
  ctx.on(add, async n => {
    await ctx.sleep(1);
    return taken.push(n);
  });
  for (;;) {
    const received = await ctx.waitForSignal([note, end]);
    if (received.signal === 'end') return taken;
    taken.push(received.payload);
  }
});

async function serve(t: ExecutionContext, options: Partial<NodeOptions> = {}) {
  const node = await startNode({
    workflows: [notebook],
    log: 'silent',
    drainTimeout: 0,
    http: { port: 0 },
    ...options,
  });
  t.teardown(() => node.stop());
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(node.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status } = response;
    const json = (await response.json()) as Record<string, unknown> & { readonly error: { readonly code: string } };
    return { status, json };
  };
  return { node, send };
}

test('the same request under one key is taken once; with another body it is refused, while it runs and after', async t => {
  const { node, send } = await serve(t);
  await node.client.start(notebook, undefined, { id: 'a' });
  const key = { 'idempotency-key': 'k' };
  const signalled = await Promise.all(
    Array.from({ length: 20 }, () => send('POST', '/v1/executions/a/signals/note', 1, key)),
  );
  t.true(signalled.every(({ status }) => status === 202));
  const added = await Promise.all(
    Array.from({ length: 20 }, () => send('POST', '/v1/executions/a/updates/add', 2, key)),
  );
  t.deepEqual(new Set(added.map(({ json }) => json['result'])), new Set([2]));
  const other = async () => [
    await send('POST', '/v1/executions/a/signals/note', 9, key),
    await send('POST', '/v1/executions/a/updates/add', 9, key),
  ];
  for (const answer of await other()) t.like(answer, { status: 409, json: { error: { code: 'ALREADY_EXISTS' } } });
  t.deepEqual((await send('POST', '/v1/executions/a/queries/notes')).json['result'], [1, 2]);
  await send('POST', '/v1/executions/a/signals/end');
  t.like(await send('GET', '/v1/executions/a/result?wait=10s'), { status: 200, json: { result: [1, 2] } });
  t.is((await send('POST', '/v1/executions/a/signals/note', 1, key)).status, 202);
  t.like(await send('POST', '/v1/executions/a/updates/add', 2, key), { status: 200, json: { result: 2 } });
  for (const answer of await other()) t.like(answer, { status: 409, json: { error: { code: 'ALREADY_EXISTS' } } });
  t.like(await send('POST', '/v1/executions/a/signals/note', 1), { status: 409, json: { error: { code: 'CLOSED' } } });
});

test('an execution that is not there is 404 on every route that reads one', async t => {
  const { send } = await serve(t);
  for (const path of ['', '/result', '/result?wait=1s', '/turn', '/history', '/timeline', '/state', '/updates/u']) {
    const { status, json } = await send('GET', `/v1/executions/nobody${path}`);
    t.deepEqual([path, status, json.error?.code], [path, 404, 'NOT_FOUND']);
  }
});

test('a start under one key is one execution; with another body it is refused', async t => {
  const { send } = await serve(t);
  const key = { 'idempotency-key': 'k' };
  const start = (body: object) => send('POST', '/v1/executions', { workflow: 'notebook', ...body }, key);
  const [first, second] = [await start({}), await start({})];
  t.is(first.status, 201);
  t.is(second.status, 201);
  t.is(second.json['id'], first.json['id']);
  t.like(await start({ input: 1 }), { status: 409, json: { error: { code: 'ALREADY_EXISTS' } } });
});

test('a request that is sent again to the next node after a kill is taken once', async t => {
  const store = `sqlite:${join(scratch(t), 'app.db')}`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const first = new Child(t, 'notebook.ts', store, String(port));
  await until(() => first.isRunning && isReady(url));
  const handle = await connect(url).start(notebook, undefined, { id: 'a' });
  const send = (n: number, key: string) =>
    fetch(`${url}/v1/executions/a/signals/note`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: String(n),
    }).then(
      ({ status }) => status,
      () => undefined,
    );
  // Some of these are answered, some are lost on their way there, some on their way back.
  const sent = Array.from({ length: 200 }, (_, n) => send(n, `k${n}`));
  await Promise.race(sent);
  await first.kill();
  await Promise.all(sent);
  const second = new Child(t, 'notebook.ts', store, String(port));
  await until(() => second.isRunning && isReady(url));
  const again = await Promise.all(Array.from({ length: 200 }, (_, n) => send(n, `k${n}`)));
  t.deepEqual(new Set(again), new Set([202]));
  await handle.signal(end);
  const taken = await handle.result();
  t.deepEqual(
    [...taken].sort((a, b) => a - b),
    Array.from({ length: 200 }, (_, n) => n),
  );
  await second.kill();
});

test('many starts go on over a kill of their node, and each is started once', async t => {
  const store = `sqlite:${join(scratch(t), 'app.db')}`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const first = new Child(t, 'notebook.ts', store, String(port));
  await until(() => first.isRunning && isReady(url));
  let second: Promise<Child> | undefined;
  const restart = async () => {
    await first.kill();
    return new Child(t, 'notebook.ts', store, String(port));
  };
  async function* items() {
    for (let n = 0; n < 1_000; n++) {
      // Its group is then on its way, or about to be.
      if (n === 300) second = restart();
      yield { id: `n${n}`, reuse: 'never' } as const;
    }
  }
  // However long the machine takes to start another.
  const client = connect(url, { attempts: 30 });
  const ids: (string | undefined)[] = [];
  for await (const { handle, error } of client.startMany('notebook', items())) {
    t.is(error, undefined);
    t.false(handle?.existing);
    ids.push(handle?.id);
  }
  t.deepEqual(
    ids,
    Array.from({ length: 1_000 }, (_, n) => `n${n}`),
  );
  t.is((await client.count()).count, 1_000);
  await (await second!).kill();
});

test('a client goes on over a restart of its node', async t => {
  const store = `sqlite:${join(scratch(t), 'app.db')}`;
  const { node } = await serve(t, { store });
  const port = Number(new URL(node.url ?? '').port);
  const client = connect(node.url ?? '');
  const handle = await client.start(notebook, undefined, { id: 'a' });
  await handle.signal(note, 1);
  const result = handle.result();
  await node.stop();
  const next = await serve(t, { store, http: { port } });
  await handle.signal(note, 2);
  await handle.signal(end);
  t.deepEqual(await result, [1, 2]);
  await next.node.stop();
});

test('a port in use is told, and nothing is left behind', async t => {
  const store = `sqlite:${join(scratch(t), 'app.db')}`;
  const { node } = await serve(t);
  const port = Number(new URL(node.url ?? '').port);
  const error = await t.throwsAsync(serve(t, { store, http: { port } }), { code: 'UNAVAILABLE' });
  t.regex(error.message, new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is in use`));
  // The store is free again.
  await (await serve(t, { store })).node.stop();
});

test('a node without http has no URL; one that is stopped answers no more', async t => {
  const { node } = await serve(t, { http: false });
  t.is(node.url, undefined);
  const served = await serve(t);
  t.true(await isReady(served.node.url ?? ''));
  await served.node.stop();
  t.false(await isReady(served.node.url ?? ''));
});

test('a namespace has executions of its own, and a key of another does not see them', async t => {
  const { node } = await serve(t, { http: { port: 0, apiKeys: 'app@shop=shop-key,app=any-key' } });
  const url = node.url ?? '';
  const shop = connect(url, { apiKey: 'shop-key', namespace: 'shop' });
  await shop.start(notebook, undefined, { id: 'a' });
  await connect(url, { apiKey: 'any-key' }).start(notebook, undefined, { id: 'a' });
  t.is((await shop.count()).count, 1);
  const elsewhere = connect(url, { apiKey: 'shop-key', namespace: 'default' });
  await t.throwsAsync(elsewhere.get('a').describe(), { code: 'NOT_FOUND' });
  await t.throwsAsync(elsewhere.get('nobody').describe(), { code: 'NOT_FOUND' });
  await t.throwsAsync(connect(url, { apiKey: 'no-key' }).count(), { code: 'UNAUTHENTICATED' });
  await t.throwsAsync(shop.get('a').terminate(), { code: 'FORBIDDEN' });
});

test('history: payloads are references, small ones come along when asked for, large ones by their reference', async t => {
  const { node, send } = await serve(t);
  const handle = await connect(node.url ?? '').start(notebook, undefined, { id: 'a' });
  const large = 'x'.repeat(200_000);
  await handle.signal('note' as never, large as never);
  await handle.signal('note' as never, new Map([['a', 1]]) as never);
  const received = [];
  for await (const { type, value } of handle.history()) if (type === 'signal-received') received.push(value);
  t.deepEqual(received, [large, new Map([['a', 1]])]);
  const { json } = await send('GET', '/v1/executions/a/history');
  const values = (json['items'] as { value?: { ref: string; size: number; preview: string } }[]).flatMap(
    ({ value }) => value ?? [],
  );
  t.like(values.at(-1), { preview: '[["a",1]]', type: 'Map' });
  t.is(values.at(-2)?.preview, '');
  const one = await send('GET', `/v1/executions/a/payloads/${values.at(-2)?.ref}`);
  t.is(one.json['value'], large);
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

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
