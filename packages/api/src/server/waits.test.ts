import { once } from 'node:events';
import { connect } from 'node:net';
import { encode } from '@dfnsjs/actor-core/values';
import test from 'ava';
import { manualClock, serve } from './served.test.support.ts';

/** An operation that never ends by itself, and what became of it. */
function endless() {
  const aborted: unknown[] = [];
  let begun = 0;
  const operation = (_: unknown, options?: { readonly abortSignal?: AbortSignal | undefined }) =>
    new Promise<never>((_, reject) => {
      begun++;
      options?.abortSignal?.addEventListener('abort', () => {
        aborted.push(options.abortSignal?.reason);
        reject(options.abortSignal?.reason as Error);
      });
    });
  return { operation, aborted, begun: () => begun };
}

/** An execution as it is described while it runs. */
const running = (held?: object) => ({
  describe: () =>
    Promise.resolve({
      id: 'a',
      runId: 'r1',
      workflow: 'w',
      version: 1,
      status: 'running' as const,
      startedAt: 0,
      attributes: {},
      waiting: [],
      turns: 1,
      bytes: 1,
      build: 'b',
      runs: [],
      shard: 0,
      node: 'n',
      input: encode(undefined),
      ...held,
    }),
});

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
};

test('a wait that brings nothing is 202, and frees what it held', async t => {
  const { operation, aborted } = endless();
  const { send } = await serve(t, { operations: { result: operation, ...running() } });
  const { status, json } = await send('GET', '/v1/executions/a/result?wait=5ms');
  t.is(status, 202);
  t.deepEqual(json as object, { status: 'running' });
  t.is(aborted.length, 1);
});

test('a result that is there is 200 without a wait; a running one 202 at once', async t => {
  const { send, asked } = await serve(t);
  const there = await send('GET', '/v1/executions/a/result');
  t.like(there, { status: 200, json: { status: 'completed', result: { secret: 2 } } });
  t.deepEqual(
    asked.map(({ operation }) => operation),
    ['describe'],
  );
});

test('an answer about a held execution says why it is held', async t => {
  const { operation } = endless();
  const held = { code: 'NON_DETERMINISM', message: 'other code' };
  const takes = () => Promise.resolve({ messageId: 'm', held });
  const operations = { result: operation, ...running({ held: { ...held, at: 1 } }), signal: takes, cancel: takes };
  const { send } = await serve(t, { operations });
  const told = { status: 'running', held };
  for (const query of ['', '?wait=5ms']) {
    const { status, json } = await send('GET', `/v1/executions/a/result${query}`);
    t.is(status, 202);
    t.deepEqual(json as object, told);
  }
  t.like(await send('POST', '/v1/executions?wait=5ms', { body: { workflow: 'w' } }), { status: 201, json: told });
  for (const path of ['signals/n', 'cancel']) {
    const { status, json } = await send('POST', `/v1/executions/a/${path}`);
    t.is(status, 202);
    t.deepEqual(json as object, { messageId: 'm', held });
  }
});

test('a caller that is gone waits no more', async t => {
  const { operation, aborted, begun } = endless();
  const { url } = await serve(t, { operations: { result: operation } });
  const gone = new AbortController();
  const request = fetch(`${url}/v1/executions/a/result?wait=50s`, { signal: gone.signal });
  await until(() => begun() === 1);
  gone.abort();
  await t.throwsAsync(request);
  await until(() => aborted.length === 1);
  t.pass();
});

test('draining: not ready at once, waits end with 202, answers ask to close, requests are served', async t => {
  const { operation, begun } = endless();
  const { send, server } = await serve(t, { operations: { result: operation, ...running() } });
  const waiting = send('GET', '/v1/executions/a/result?wait=50s');
  await until(() => begun() === 1);
  server.drain();
  const { status, headers } = await waiting;
  t.is(status, 202);
  t.true(headers.has('x-request-id'));
  t.is((await send('GET', '/readyz')).status, 503);
  t.is((await send('GET', '/healthz')).status, 200);
  const served = await send('POST', '/v1/executions/a/signals/n');
  t.is(served.status, 202);
  t.is(served.headers.get('connection'), 'close');
});

test('draining: what is soon there is told; a wait for more is over in a second, or when it was asked to be', async t => {
  const { operation, begun } = endless();
  const clock = manualClock();
  const operations = { result: operation, ...running() };
  const [quick, slow] = [await serve(t), await serve(t, { clock, operations })];
  quick.server.drain();
  const body = { workflow: 'w' };
  t.like(await quick.send('POST', '/v1/executions/a/updates/n'), { status: 200, json: { result: 8 } });
  t.like(await quick.send('POST', '/v1/executions?wait=5s', { body }), { status: 201, json: { result: 'done' } });
  slow.server.drain();
  for (const [asked, waited] of [
    ['50s', 1_000],
    ['20ms', 20],
  ] as const) {
    const before = begun();
    const waiting = slow.send('GET', `/v1/executions/a/result?wait=${asked}`);
    await until(() => begun() > before);
    clock.ring(waited);
    t.is((await waiting).status, 202);
  }
});

test('closing waits for answers in hand, and takes no more', async t => {
  let answer: (() => void) | undefined;
  const { send, server, url } = await serve(t, {
    operations: { signal: () => new Promise(resolve => (answer = () => resolve({ messageId: 'm' }))) },
  });
  const inHand = send('POST', '/v1/executions/a/signals/n');
  await until(() => answer !== undefined);
  const closed = server.close(60_000);
  answer?.();
  t.is((await inHand).status, 202);
  await closed;
  await t.throwsAsync(fetch(`${url}/healthz`));
});

test('closing does not wait for a connection that nothing was asked on', async t => {
  const { server, url } = await serve(t);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  // Both were accepted in order: the server has the first when it answers on the second.
  await fetch(`${url}/healthz`);
  const ended = once(socket, 'close');
  await server.close(60_000);
  await ended;
  t.pass();
});

test('an update that takes long is 202 with its id; asked again under its key it is the same update', async t => {
  const { operation } = endless();
  const { send, asked } = await serve(t, { operations: { update: operation } });
  const ask = (key: string) =>
    send('POST', '/v1/executions/a/updates/n?wait=5ms', { body: 1, headers: { 'idempotency-key': key } });
  const { status, json } = await ask('k');
  t.is(status, 202);
  t.is(json['updateId'], asked[0]?.request['messageId']);
  t.is((await ask('k')).json['updateId'], json['updateId']);
  t.is(asked.length, 1);
  await ask('l');
  t.is(asked.length, 2);
});

test('without ?wait= the outcome of an update is told if it is there, and a running one is 202 in a second', async t => {
  const there = await serve(t);
  for (const query of ['', '?wait=0s']) {
    const outcome = await there.send('GET', `/v1/executions/a/updates/u${query}`);
    t.like(outcome, { status: 200, json: { result: 8 } });
  }
  const { operation, begun } = endless();
  const clock = manualClock();
  const { send } = await serve(t, { clock, operations: { updateOutcome: operation } });
  const asked = send('GET', '/v1/executions/a/updates/u');
  await until(() => begun() === 1);
  clock.ring(1_000);
  t.is((await asked).status, 202);
});

test('a start with wait is answered with the result, or as started', async t => {
  const { send } = await serve(t);
  const there = await send('POST', '/v1/executions?wait=5s', { body: { workflow: 'w' } });
  t.like(there, { status: 201, json: { id: 'a', runId: 'r1', status: 'completed', result: 'done' } });
  const { operation } = endless();
  const slow = await serve(t, { operations: { result: operation, ...running() } });
  t.like(await slow.send('POST', '/v1/executions?wait=5ms', { body: { workflow: 'w' } }), {
    status: 201,
    json: { status: 'running' },
  });
});

test('one that was there is 200 where that was asked for', async t => {
  const existing = { id: 'a', runId: 'r1', workflow: 'w', version: 1, existing: true };
  const { send } = await serve(t, { operations: { start: () => Promise.resolve(existing) } });
  const start = (body: object) => send('POST', '/v1/executions', { body: { workflow: 'w', ...body } });
  t.like(await start({ onConflict: 'use-existing' }), { status: 200, json: { existing: true, status: 'completed' } });
  t.is((await start({ idempotencyKey: 'k' })).status, 201);
});
