import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { DfnsError } from '@dfnsjs/actor-core';
import type { EventItem, ToldChange, WaitOptions } from '@dfnsjs/client';
import { manualClock, serve } from './served.test.support.ts';

const change: ToldChange = {
  ...{ type: 'closed', namespace: 'default', id: 'a', runId: 'r1', workflow: 'w', version: 1 },
  ...{ status: 'completed', turn: 2, at: 0 },
};

/** Events that a test gives one by one, and what became of who listened. */
function source(...first: EventItem[]) {
  const items = [...first];
  let wake: () => void = () => undefined;
  const state = { pulled: 0, listening: 0, ended: 0 };
  async function* events(_: unknown, options?: WaitOptions): AsyncGenerator<EventItem> {
    state.listening++;
    try {
      for (;;) {
        for (let item = items.shift(); item; item = items.shift()) {
          state.pulled++;
          yield item;
        }
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          const { abortSignal } = options!;
          const abort = () => reject(abortSignal?.reason as Error);
          if (abortSignal?.aborted) abort();
          abortSignal?.addEventListener('abort', abort, { once: true });
        });
      }
    } finally {
      state.ended++;
    }
  }
  const give = (...more: EventItem[]) => {
    items.push(...more);
    wake();
  };
  return { state, give, events: events as never };
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
};

/** The stream as it comes. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/events`, { headers, signal: abort.signal });
  let text = '';
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body!) text += decoder.decode(bytes as Uint8Array, { stream: true });
  })();
  ended.catch(() => undefined);
  const says = (part: string) => until(() => text.includes(part));
  return { response, says, ended, text: () => text, abort: () => abort.abort() };
}

test('a stream says where it stands, tells each change, and asks to come back at its end', async t => {
  const { url } = await serve(t, {
    chance: { random: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000000' },
  });
  const { response, ended, text } = await listen(url);
  t.is(response.status, 200);
  t.is(response.headers.get('content-type'), 'text/event-stream');
  t.is(response.headers.get('cache-control'), 'no-store');
  t.is(response.headers.get('x-accel-buffering'), 'no');
  t.truthy(response.headers.get('x-request-id'));
  await ended;
  const data = text().split('data: ')[1]?.split('\n')[0] ?? '';
  t.deepEqual(JSON.parse(data), { ...change, namespace: 'n', at: '1970-01-01T00:00:00.000Z' });
  t.is(text(), `id: c1\n\nevent: closed\nid: c2\ndata: ${data}\n\nretry: 3000\n\n`);
});

test('a reset is an event of its own', async t => {
  const { events } = source({ cursor: 'c1', event: { type: 'reset' } });
  const { url } = await serve(t, { operations: { events } });
  const { says, abort } = await listen(url);
  await says('event: reset\nid: c1\ndata: {"type":"reset"}\n\n');
  abort();
  t.pass();
});

test('the filter comes by the query, the cursor by Last-Event-ID', async t => {
  const { send, asked } = await serve(t);
  const query = 'workflow=w&status=failed,held&id=a&attr.tier=gold&held=true&startedAfter=1970-01-01T00:00:01Z';
  t.is(
    (await send('GET', `/v1/events?${query.replace(',held', '')}`, { headers: { 'last-event-id': 'c7' } })).status,
    200,
  );
  t.like(asked[0]?.request, {
    ...{ namespace: 'default', workflow: 'w', status: ['failed'], id: 'a', held: true, startedAfter: 1_000 },
    ...{ attributes: { tier: 'gold' }, lastEventId: 'c7' },
  });
  await send('GET', '/v1/events', { headers: { 'last-event-id': '' } });
  t.false('lastEventId' in (asked[1]?.request ?? {}));
  for (const [wrong, message] of [
    [query, /status/],
    ['workflwo=w', /Did you mean "workflow"/],
    ['wait=1s', /Leave \?wait= out/],
    ['id=', /id/],
  ] as const) {
    const { status, json } = await send('GET', `/v1/events?${wrong}`);
    t.is(status, 400, wrong);
    t.regex(json.error.message, message);
  }
  t.is(asked.length, 2);
});

test('what is refused is refused as any request is', async t => {
  const tooMany = new DfnsError('OVERLOADED', 'Too many.', { details: { retryAfterMs: 5_000 } });
  // oxlint-disable-next-line require-yield
  const events = async function* () {
    throw tooMany;
  };
  const { send } = await serve(t, { operations: { events: events as never } });
  const { status, json, headers } = await send('GET', '/v1/events');
  t.is(status, 503);
  t.is(json.error.code, 'OVERLOADED');
  t.is(headers.get('retry-after'), '5');
});

test('a stream in which nothing happens has a comment every 15 s', async t => {
  const clock = manualClock();
  const { events } = source({ cursor: 'c1' });
  const { url } = await serve(t, { clock, operations: { events } });
  const { says, abort } = await listen(url);
  await says('id: c1\n\n');
  for (const comments of [1, 2]) {
    clock.ring(15_000);
    await says(`id: c1\n\n${':\n\n'.repeat(comments)}`);
  }
  abort();
  await until(() => clock.after(15_000).length === 0);
  t.pass();
});

test('a reader that is slow holds up its own events alone, unread ones are not piled up, and it is cut in the end', async t => {
  const clock = manualClock();
  const large = { cursor: 'c', event: { ...change, id: 'x'.repeat(10_000) } };
  const { events, state } = source(...Array.from({ length: 10_000 }, () => large));
  const { url } = await serve(t, { clock, operations: { events } });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write('GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await until(() => clock.after(30_000).length === 1);
  t.true(state.pulled < 5_000, `${state.pulled} of 10 kB were taken for one that reads none`);
  const { pulled } = state;
  clock.ring(15_000);
  t.is(state.pulled, pulled);
  t.is(state.ended, 0);
  clock.ring(30_000);
  await until(() => state.ended === 1);
  socket.resume();
  await once(socket, 'close');
  t.is(clock.after(30_000).length, 0);
});

test('a reader that goes on reading goes on hearing', async t => {
  const clock = manualClock();
  const large = { cursor: 'c', event: { ...change, id: 'x'.repeat(10_000) } };
  const { events, state, give } = source(...Array.from({ length: 3_000 }, () => large));
  const { url } = await serve(t, { clock, operations: { events } });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write('GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await until(() => clock.after(30_000).length === 1);
  give({ cursor: 'last' });
  let tail = '';
  socket.on('data', (bytes: Buffer) => (tail = (tail + bytes.toString()).slice(-1_000)));
  socket.resume();
  await until(() => tail.includes('id: last'));
  t.is(state.pulled, 3_001);
  t.is(clock.after(30_000).length, 0);
  socket.destroy();
  await until(() => state.ended === 1);
});

test('a caller that is gone is listened for no more', async t => {
  const { events, state } = source({ cursor: 'c1' });
  const { url } = await serve(t, { operations: { events } });
  const { says, abort } = await listen(url);
  await says('c1');
  t.is(state.listening, 1);
  abort();
  await until(() => state.ended === 1);
  t.pass();
});

test('draining: streams end and ask to come back, each after another while; later ones are told to go elsewhere', async t => {
  const { events, state } = source({ cursor: 'c1' });
  const draws = [0, 1];
  const uuid = () => '00000000-0000-4000-8000-000000000000';
  const { url, server, send } = await serve(t, {
    operations: { events },
    chance: { random: () => draws.shift() ?? 0, uuid },
  });
  const first = await listen(url);
  await first.says('c1');
  server.drain();
  await first.ended;
  t.true(first.text().endsWith('retry: 1000\n\n'));
  t.is(state.ended, 1);
  const { status, json } = await send('GET', '/v1/events');
  t.is(status, 503);
  t.is(json.error.code, 'UNAVAILABLE');
  await server.close(60_000);
});

test('a node that stops below its server ends the stream as draining does', async t => {
  const events = async function* () {
    yield { cursor: 'c1' };
    throw new DfnsError('UNAVAILABLE', 'The node stops.');
  };
  const { url, logged } = await serve(t, { operations: { events: events as never } });
  const { ended, text } = await listen(url);
  await ended;
  t.regex(text(), /^id: c1\n\nretry: \d+\n\n$/);
  t.false(logged.some(line => line.includes('failed')));
});

test('a stream ends when its key does', async t => {
  const clock = manualClock();
  const { events, state } = source({ cursor: 'c1' });
  const keys = [{ role: 'reader', key: 'KEY', expiresAt: 61_000 }] as const;
  const { url } = await serve(t, { clock, keys, operations: { events } });
  const { says, ended, text } = await listen(url, { authorization: 'Bearer KEY' });
  await says('c1');
  clock.ring(60_000);
  await ended;
  t.regex(text(), /retry: \d+\n\n$/);
  t.is(state.ended, 1);
});

test('HEAD of a stream is not answered', async t => {
  const { url } = await serve(t);
  t.is((await fetch(`${url}/v1/events`, { method: 'HEAD' })).status, 405);
});
