import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { DfnsError, workflow } from '@dfnsjs/actor-core';
import { decode, type Payload } from '@dfnsjs/actor-core/values';
import { connect } from '@dfnsjs/client';
import { openApi } from '../openapi.ts';
import { serve, type Answer } from './served.test.support.ts';

const SIGNAL = '/v1/executions/a/signals/n';
const refused = (t: ExecutionContext, answer: Answer, status: number, code: string, message = /./) => {
  t.is(answer.status, status, answer.text);
  t.is(answer.json.error.code, code);
  t.regex(answer.json.error.message, message);
  t.is(answer.headers.get('x-request-id'), answer.json.error.requestId);
};

const BODIES: readonly (readonly [what: string, body: string, message: RegExp])[] = [
  ['no JSON', '{"a":', /not JSON/],
  ['single quotes', "{'a':1}", /not JSON: see position 1/],
  ['two values', '1 2', /not JSON/],
  ['101 levels', '['.repeat(101) + ']'.repeat(101), /deeper than 100/],
  ['2,000,000 brackets', '['.repeat(2_000_000), /deeper than 100/],
  ['2,000,000 braces in a string that never ends', `"${'{'.repeat(2_000_000)}`, /not JSON/],
  ['an own __proto__', '{"a":[{"__proto__":{"admin":true}}]}', /"__proto__"/],
  ['an escaped __proto__', '{"\\u005f_proto__":1}', /"__proto__"/],
];

for (const [what, body, message] of BODIES) {
  test(`a body with ${what} is refused`, async t => {
    const { send, asked } = await serve(t);
    refused(t, await send('POST', SIGNAL, { body }), 400, 'VALIDATION', message);
    t.is(asked.length, 0);
  });
}

const GOOD: readonly (readonly [what: string, body: string, value: unknown])[] = [
  ['100 levels', '['.repeat(100) + ']'.repeat(100), undefined],
  ['a string with brackets', JSON.stringify('['.repeat(1_000)), '['.repeat(1_000)],
  ['a string with quotes and backslashes', '"\\\\\\"[[["', '\\"[[['],
  ['keys that objects have by themselves', '{"constructor":1,"toString":2}', { constructor: 1, toString: 2 }],
  ['the text __proto__', '["__proto__"]', ['__proto__']],
  ['NUL and lone surrogates', '"\\u0000\\ud800"', '\u0000\ud800'],
  ['null', 'null', null],
];

for (const [what, body, value] of GOOD) {
  test(`a body with ${what} is a value`, async t => {
    const { send, asked } = await serve(t);
    t.is((await send('POST', SIGNAL, { body })).status, 202);
    if (value !== undefined) t.deepEqual(decode(asked[0]?.request['payload'] as Payload), value);
  });
}

test('an empty body is undefined, with a content type and without', async t => {
  const { url, send, asked } = await serve(t);
  t.is((await send('POST', SIGNAL)).status, 202);
  for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
    t.is((await fetch(url + SIGNAL, { method: 'POST', headers: { 'content-type': type } })).status, 202);
  }
  for (const { request } of asked) t.is(decode(request['payload'] as Payload), undefined);
});

test('a body that is no UTF-8 is refused', async t => {
  const { url } = await serve(t);
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Uint8Array.of(0x22, 0xff, 0x22),
  };
  const answer = await fetch(url + SIGNAL, init);
  t.is(answer.status, 400);
  t.regex(await answer.text(), /not UTF-8/);
});

test('another content type than JSON is refused', async t => {
  const { send } = await serve(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
    refused(t, await send('POST', SIGNAL, { body: '1', headers: { 'content-type': type } }), 400, 'VALIDATION', /JSON/);
  }
  t.is(
    (await send('POST', SIGNAL, { body: '1', headers: { 'content-type': 'application/json; charset=UTF-8' } })).status,
    202,
  );
});

test('a body above 4 MiB is refused, compressed too', async t => {
  const { url, send } = await serve(t);
  const big = JSON.stringify('x'.repeat(4 * 1024 * 1024));
  refused(t, await send('POST', SIGNAL, { body: big }), 413, 'PAYLOAD_TOO_LARGE', /4194304 bytes/);
  const post = (body: Uint8Array<ArrayBuffer>, encoding: string) =>
    fetch(url + SIGNAL, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body,
    });
  t.is((await post(new Uint8Array(gzipSync(big)), 'gzip')).status, 413);
  t.is((await post(new Uint8Array(gzipSync('"x"')), 'gzip')).status, 202);
  t.is((await post(Uint8Array.of(1, 2, 3), 'gzip')).status, 400);
  t.is((await post(Uint8Array.of(1, 2, 3), 'snappy')).status, 400);
});

test('80 MB are refused before they have come', async t => {
  const { url } = await serve(t);
  const { head } = await rawRequest(
    url,
    `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 80000000\r\n\r\n"xxx`,
  );
  t.regex(head, /^HTTP\/1\.1 413 /);
  t.regex(head, /PAYLOAD_TOO_LARGE/);
});

test('a payload above 1 MiB is refused', async t => {
  const { send } = await serve(t);
  const body = JSON.stringify('x'.repeat(1024 * 1024));
  refused(t, await send('POST', SIGNAL, { body }), 413, 'PAYLOAD_TOO_LARGE');
});

const tilde = (text: string) => `~${Buffer.from(text).toString('base64url')}`;
const IDS: readonly (readonly [segment: string, id: string])[] = [
  [encodeURIComponent('a/b'), 'a/b'],
  [encodeURIComponent('100%'), '100%'],
  ['%2e%2e%2fetc', '../etc'],
  [encodeURIComponent('🦊 ü'), '🦊 ü'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  [tilde('..'), '..'],
  [tilde('~'), '~'],
  [tilde('a/b?c#d'), 'a/b?c#d'],
  [tilde('count'), 'count'],
  ['x'.repeat(512), 'x'.repeat(512)],
  [encodeURIComponent('🦊'.repeat(128)), '🦊'.repeat(128)],
];

for (const [segment, id] of IDS) {
  test(`the id in ${segment.slice(0, 40)} arrives`, async t => {
    const { send, asked } = await serve(t);
    t.is((await send('POST', `/v1/executions/${segment}/signals/n`)).status, 202);
    t.is(asked[0]?.request['id'], id);
  });
}

test('an id that reads like a segment of a route names an execution to the client', async t => {
  const { url, asked } = await serve(t);
  const client = connect(url);
  const segments = Object.keys(openApi('').paths).flatMap(path => path.split('/'));
  for (const id of new Set(segments.filter(segment => /^\w/.test(segment)))) {
    const handle = client.get(workflow({ name: 'w' }), id);
    await handle.describe();
    await handle.result();
    await handle.setAttributes({ tier: 'gold' });
    await handle.delete();
    const named = asked.splice(0).map(({ operation, request }) => [operation, request['id']]);
    const operations = ['describe', 'result', 'setAttributes', 'delete'];
    t.deepEqual(
      named,
      operations.map(operation => [operation, id]),
    );
  }
});

const NO_IDS: readonly (readonly [what: string, segment: string])[] = [
  ['513 bytes', 'x'.repeat(513)],
  ['129 emoji', encodeURIComponent('🦊'.repeat(129))],
  ['NUL', '%00'],
  ['a newline', '%0a'],
  ['a broken percent sign', '%zz'],
  ['half of a UTF-8 character', '%c3'],
  ['a broken base64url', '~!!'],
  ['base64url of no UTF-8', '~_w'],
  ['base64url of nothing', '~'],
  ['nothing', ''],
];

for (const [what, segment] of NO_IDS) {
  test(`an id with ${what} is refused`, async t => {
    const { send, asked } = await serve(t);
    refused(t, await send('POST', `/v1/executions/${segment}/signals/n`), 400, 'VALIDATION');
    t.is(asked.length, 0);
  });
}

test('a name above 128 bytes is refused, and one that is "__proto__" is a name', async t => {
  const { send, asked } = await serve(t);
  refused(t, await send('POST', `/v1/executions/a/signals/${'x'.repeat(129)}`), 400, 'VALIDATION', /128 bytes/);
  t.is((await send('POST', '/v1/executions/a/signals/__proto__')).status, 202);
  t.is(asked[0]?.request['name'], '__proto__');
});

const QUERIES: readonly (readonly [path: string, message: RegExp])[] = [
  ['/v1/executions?limit=-1', /limit/],
  ['/v1/executions?limit=1.5', /limit/],
  ['/v1/executions?limit=x', /must be a number/],
  ['/v1/executions?limti=1', /Did you mean "limit"\?/],
  ['/v1/executions?order=up', /order/],
  ['/v1/executions?status=done', /status/],
  ['/v1/executions?held=maybe', /true or false/],
  ['/v1/executions?startedAfter=yesterday', /startedAfter/],
  ['/v1/executions?startedAfter=2026-13-45T00:00:00Z', /startedAfter/],
  ['/v1/executions?workflow=a&workflow=b', /given once/],
  ['/v1/executions/a/result?wait=10', /duration/],
  ['/v1/executions/a/result?wait=-1s', /duration/],
  ['/v1/executions/a/result?wait=200000d', /duration/],
  ['/v1/executions/a?types=xml', /types/],
  ['/v1/executions/a?wait=1s', /does not wait/],
  ['/v1/executions/a/history?payloads=all', /payloads/],
  ['/v1/executions/a/history?format=csv', /must be "export", or left out/],
  ['/v1/executions/a?format=export', /no "format"/],
  ['/v1/executions?attr.__proto__=1', /"__proto__"/],
  ['/v1/executions/a/payloads/x', /no reference/],
];

for (const [path, message] of QUERIES) {
  test(`GET ${path} is refused by name`, async t => {
    const { send } = await serve(t);
    refused(t, await send('GET', path), 400, 'VALIDATION', message);
  });
}

test('a list of more than 1,000 is above the limit', async t => {
  const { send } = await serve(t);
  refused(t, await send('GET', '/v1/executions?limit=1001'), 400, 'LIMIT_EXCEEDED', /1000/);
});

const STARTS: readonly (readonly [what: string, body: unknown, message: RegExp])[] = [
  ['no workflow', {}, /workflow/],
  ['a number', 5, /must be a JSON object/],
  ['a list', [], /must be a JSON object/],
  ['a typo', { workflow: 'w', inptu: 1 }, /Did you mean "input"\?/],
  ['an empty id', { workflow: 'w', id: '' }, /id: It must not be empty/],
  ['an id that is a number', { workflow: 'w', id: 5 }, /^id/],
  ['a long id', { workflow: 'w', id: 'x'.repeat(513) }, /512 bytes/],
  ['a version of zero', { workflow: 'w', version: 0 }, /^version/],
  ['an unknown onConflict', { workflow: 'w', onConflict: 'ignore' }, /^onConflict/],
  ['headers that are no strings', { workflow: 'w', headers: { a: 1 } }, /^headers/],
  ['headers that are a list', { workflow: 'w', headers: [] }, /headers/],
];

for (const [what, body, message] of STARTS) {
  test(`a start with ${what} is refused by name`, async t => {
    const { send, asked } = await serve(t);
    refused(t, await send('POST', '/v1/executions', { body }), 400, 'VALIDATION', message);
    t.is(asked.length, 0);
  });
}

const TAGS = [
  { $dfns: 'function' },
  { $dfns: 'Map', value: 5 },
  { $dfns: 'Map', value: [[1]] },
  { $dfns: 'Date', value: 'soon' },
  { $dfns: 'URL', value: 'no url' },
  { $dfns: 'bigint', value: '1e5' },
  { $dfns: 'ref', value: 99 },
  [{ $dfns: 'ref', value: 'length' }],
  [{ $dfns: 'ref', value: 'constructor' }],
  { $dfns: 'number', value: '5' },
  { $dfns: 'Error', value: {} },
  { $dfns: 'payload' },
  { $dfns: 'holes', value: 1 },
  [{ $dfns: 'holes', value: 2 ** 40 }],
  { $dfns: 'Float64Array', value: 'AAAA' },
  { $dfns: 'Uint8Array', value: '***' },
  { $dfns: null },
];

for (const tag of TAGS) {
  test(`the tag ${JSON.stringify(tag)} is refused`, async t => {
    const { send } = await serve(t);
    refused(t, await send('POST', `${SIGNAL}?types=tagged`, { body: tag }), 400, 'VALIDATION', /\$dfns/);
  });
}

test('a page of another origin cannot change anything', async t => {
  const { send, asked, url } = await serve(t);
  const foreign: readonly Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of foreign) refused(t, await send('POST', SIGNAL, { headers }), 403, 'FORBIDDEN', /origin/);
  t.is(asked.length, 0);
  t.is((await send('POST', SIGNAL, { headers: { origin: url, 'sec-fetch-site': 'same-origin' } })).status, 202);
});

test('a name in Host that is not the node’s is refused where there are no keys', async t => {
  const { url } = await serve(t, { hosts: ['dfns.internal'] });
  const ask = async (host: string) =>
    (await rawRequest(url, `GET /v1/info HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).head;
  t.regex(await ask('evil.example'), /^HTTP\/1\.1 403 [^]*FORBIDDEN/);
  t.regex(await ask('127.0.0.1.evil.example:80'), /^HTTP\/1\.1 403 /);
  for (const host of ['localhost', 'LOCALHOST:3367', '127.0.0.1:3367', '[::1]:80', 'dfns.internal:1', 'a.localhost']) {
    t.regex(await ask(host), /^HTTP\/1\.1 200 /, host);
  }
});

test('what is no HTTP gets a coded answer', async t => {
  const { url } = await serve(t);
  t.regex((await rawRequest(url, 'HELLO\r\n\r\n')).head, /^HTTP\/1\.1 400 [^]*"VALIDATION"/);
  const huge = `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
  t.regex((await rawRequest(url, huge)).head, /^HTTP\/1\.1 431 [^]*"VALIDATION"/);
});

test('a slow writer is cut off, and others are served meanwhile', async t => {
  const { url, send } = await serve(t, { timeouts: { headers: 2_000, request: 2_000, check: 100 } });
  const slow = rawRequest(
    url,
    `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"`,
  );
  t.is((await send('POST', SIGNAL)).status, 202);
  t.regex((await slow).head, /^HTTP\/1\.1 408 [^]*"VALIDATION"/);
});

test('a failure of ours is told without its inside, and logged under the request’s id', async t => {
  const { send, logged } = await serve(t, {
    operations: { signal: () => Promise.reject(new TypeError('secret inside')) },
  });
  const answer = await send('POST', SIGNAL, { headers: { 'x-request-id': 'mine-1' } });
  refused(t, answer, 500, 'INTERNAL', /mine-1/);
  t.notRegex(answer.text, /secret/);
  t.regex(logged.join('\n'), /secret inside/);
});

test('an overload says when to come again', async t => {
  const { send } = await serve(t, {
    operations: {
      signal: () => Promise.reject(new DfnsError('OVERLOADED', 'Full.', { details: { retryAfterMs: 2_500 } })),
    },
  });
  const answer = await send('POST', SIGNAL);
  refused(t, answer, 503, 'OVERLOADED');
  t.is(answer.headers.get('retry-after'), '3');
});

test('a request id that is not fit for logs is replaced', async t => {
  const { send } = await serve(t);
  const ids = ['a b', 'x'.repeat(129), '"'].map(id => send('GET', '/healthz', { headers: { 'x-request-id': id } }));
  for (const { headers } of await Promise.all(ids)) t.regex(headers.get('x-request-id') ?? '', /^00000000-0000-/);
});

/** All that comes back for what is written, until the other side ends or the answer is there. */
function rawRequest(url: string, text: string): Promise<{ readonly head: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let head = '';
    const socket = connectSocket(Number(port), hostname, () => socket.write(text));
    socket.on('data', data => {
      head += data.toString();
    });
    socket.on('end', () => (socket.end(), resolve({ head })));
    socket.on('close', () => resolve({ head }));
    socket.on('error', error => (head ? resolve({ head }) : reject(error)));
  });
}
