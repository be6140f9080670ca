import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import test from 'ava';
import { DfnsError } from '@dfnsjs/actor-core';
import { decode } from '@dfnsjs/actor-core/values';
import type { StartRequest } from '@dfnsjs/client';
import { serve, type Answer } from './served.test.support.ts';

const PATH = '/v1/executions/batch';
const NDJSON = { 'content-type': 'application/x-ndjson' };
const started = { id: 'a', runId: 'r1', workflow: 'w', version: 1, existing: false };

const lines = ({ text }: Answer) =>
  text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Record<string, unknown> & { readonly error?: { readonly code: string } });

/** A batch of which lines are sent, and verdicts read, one by one. */
async function conversation(t: { teardown(end: () => void): void }, url: string) {
  const sending: ClientRequest = request(url + PATH, { method: 'POST', headers: NDJSON });
  t.teardown(() => sending.destroy());
  sending.on('error', () => undefined);
  sending.flushHeaders();
  const answer = once(sending, 'response').then(([response]) => {
    (response as IncomingMessage).on('error', () => undefined);
    return createInterface({ input: response as IncomingMessage })[Symbol.asyncIterator]();
  });
  return {
    sending,
    send: (line: object) => sending.write(`${JSON.stringify(line)}\n`),
    verdict: async () => JSON.parse((await (await answer).next()).value as string) as Record<string, unknown>,
  };
}

test('each line is a start and has a verdict in its place: a broken one harms no other', async t => {
  const { send, asked } = await serve(t, {
    operations: {
      start: async ({ workflow, id = 'made' }: StartRequest) => {
        if (workflow === 'nobody') throw new DfnsError('UNKNOWN_WORKFLOW', 'No.', { details: { workflow } });
        if (workflow === 'bug') throw new TypeError('secret');
        return { ...started, workflow, id };
      },
    },
  });
  const long = JSON.stringify({ workflow: 'w', input: 'x'.repeat(4 * 1024 * 1024) });
  const body = [
    '{"workflow":"w","id":"1","input":{"n":1},"idempotencyKey":"k"}',
    '{"workflow":"w",',
    '',
    '{"workflow":"nobody"}',
    '{"workflow":"w","idd":"x"}',
    long,
    '[]',
    '{"workflow":"w","input":{"__proto__":1}}',
    `{"workflow":"w","input":${'['.repeat(200)}${']'.repeat(200)}}`,
    '{"workflow":"bug"}',
    '{"workflow":"w","id":"last"}',
  ].join('\r\n');
  const answer = await send('POST', PATH, { body, headers: NDJSON });
  t.is(answer.status, 200);
  t.is(answer.headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
  t.notRegex(answer.text, /secret/);
  t.deepEqual(
    lines(answer).map(({ line, id, error }) => [line, id ?? error?.code]),
    [
      [1, '1'],
      [2, 'VALIDATION'],
      [4, 'UNKNOWN_WORKFLOW'],
      [5, 'VALIDATION'],
      [6, 'PAYLOAD_TOO_LARGE'],
      [7, 'VALIDATION'],
      [8, 'VALIDATION'],
      [9, 'VALIDATION'],
      [10, 'INTERNAL'],
      [11, 'last'],
    ],
  );
  t.like(lines(answer)[0], { runId: 'r1', workflow: 'w', version: 1, existing: false, status: 'running' });
  t.like(lines(answer)[2]?.error, { message: 'No.', details: { workflow: 'nobody' } });
  t.like(asked[0]?.request, { namespace: 'default', idempotencyKey: 'k', onConflict: 'fail', reuse: 'always' });
  t.deepEqual(decode(asked[0]?.request['input'] as never), { n: 1 });
});

test('values are tagged where that is asked for; an execution that was there says what it came to', async t => {
  const { send, asked } = await serve(t, { operations: { start: async () => ({ ...started, existing: true }) } });
  const body = '{"workflow":"w","input":{"$dfns":"bigint","value":"7"}}\n';
  const answer = await send('POST', `${PATH}?types=tagged`, { body, headers: NDJSON });
  t.is(decode(asked[0]?.request['input'] as never), 7n);
  t.like(lines(answer)[0], { existing: true, status: 'completed', result: { secret: 2 } });
});

test('one key for the whole is one for each line, unless it has its own; the trace is for all', async t => {
  const { send, asked } = await serve(t);
  const headers = { ...NDJSON, 'idempotency-key': 'k', traceparent: 'trace' };
  await send('POST', PATH, {
    body: '{"workflow":"w"}\n\n{"workflow":"w","idempotencyKey":"l"}\n{"workflow":"w"}',
    headers,
  });
  t.deepEqual(
    asked.map(({ request }) => [request['idempotencyKey'], request['traceparent']]),
    [
      ['k/1', 'trace'],
      ['l', 'trace'],
      ['k/4', 'trace'],
    ],
  );
});

test('what is no batch is refused as a whole', async t => {
  const { send, asked } = await serve(t, { keys: 'reader=R,app=A' });
  const authorization = { authorization: 'Bearer A' };
  const body = '{"workflow":"w"}';
  const code = async (path: string, headers: Record<string, string>) => {
    const { status, json } = await send('POST', path, { body, headers: { ...authorization, ...headers } });
    return [status, json.error.code];
  };
  t.deepEqual(await code(PATH, {}), [400, 'VALIDATION']);
  t.deepEqual(await code(PATH, { ...NDJSON, 'content-encoding': 'gzip' }), [400, 'VALIDATION']);
  t.deepEqual(await code(`${PATH}?wait=1s`, NDJSON), [400, 'VALIDATION']);
  t.deepEqual(await code(`${PATH}?types=odd`, NDJSON), [400, 'VALIDATION']);
  t.deepEqual(await code(PATH, { ...NDJSON, authorization: 'Bearer R' }), [403, 'FORBIDDEN']);
  t.deepEqual(await code('/v1/executions', NDJSON), [400, 'VALIDATION']);
  t.is(asked.length, 0);
  const empty = await send('POST', PATH, { headers: authorization });
  t.deepEqual([empty.status, empty.text], [200, '']);
});

test('a verdict comes while the next line is still being thought of', async t => {
  const { url } = await serve(t);
  const { send, verdict, sending } = await conversation(t, url);
  for (let line = 1; line <= 3; line++) {
    send({ workflow: 'w' });
    t.like(await verdict(), { line, id: 'a' });
  }
  sending.end();
});

test('so many starts are in hand and no more, however many lines come', async t => {
  let inHand = 0;
  let most = 0;
  const finish: (() => void)[] = [];
  const full = Promise.withResolvers<void>();
  const { send } = await serve(t, {
    operations: {
      start: async () => {
        most = Math.max(most, ++inHand);
        if (inHand === 200) full.resolve();
        await new Promise<void>(resolve => finish.push(resolve));
        inHand--;
        return started;
      },
    },
  });
  const answer = send('POST', PATH, { body: '{"workflow":"w"}\n'.repeat(1_000), headers: NDJSON });
  await full.promise;
  // All that could come at once has: the rest comes as these end.
  await new Promise<void>(resolve => void setImmediate(resolve));
  let ended = 0;
  while (ended < 1_000) {
    for (const each of finish.splice(0)) {
      each();
      ended++;
    }
    await new Promise<void>(resolve => void setImmediate(resolve));
  }
  t.is(lines(await answer).length, 1_000);
  t.is(most, 200);
});

test('an answer whose lines take too long to come is cut off, with nothing of another answer in it', async t => {
  const { url } = await serve(t, { timeouts: { request: 5_000, headers: 5_000, check: 100 } });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', data => (text += data.toString()));
  const head = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n`;
  socket.write(`${head}11\r\n{"workflow":"w"}\n\r\n`);
  await once(socket, 'close');
  t.regex(text, /^HTTP\/1\.1 200 OK[^]*"id":"a"/);
  t.is(text.match(/HTTP\/1\.1/g)?.length, 1);
});

test('a caller that goes away ends nothing but its batch', async t => {
  const { url, send: ask, asked } = await serve(t);
  const { send, verdict, sending } = await conversation(t, url);
  send({ workflow: 'w' });
  await verdict();
  sending.destroy();
  t.is((await ask('POST', PATH, { body: '{"workflow":"w"}', headers: NDJSON })).status, 200);
  t.is(asked.filter(({ operation }) => operation === 'start').length, 2);
});
