import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import type { Fetch } from '@dfnsjs/client';
import { httpFetch } from './http-fetch.ts';

const GET = { method: 'GET', headers: {}, redirect: 'error' } as const;
const never = new AbortController().signal;

/** What holds of `fetch` must hold of what stands in for it. */
function both(title: string, run: (t: ExecutionContext, fetch: Fetch) => Promise<void>): void {
  test(`fetch: ${title}`, t => run(t, globalThis.fetch));
  test(`over node:http: ${title}`, t => run(t, httpFetch));
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

async function serve(t: ExecutionContext, listener: Listener): Promise<string> {
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

both('a request has its method, headers and body; an answer its status, headers and text', async (t, fetch) => {
  const url = await serve(t, async (request, response) => {
    const { method, url, headers } = request;
    response.writeHead(409, { 'x-a': 'b' });
    response.end(JSON.stringify([method, url, headers['x-name'], headers['content-length'], await text(request)]));
  });
  const init = { ...GET, method: 'POST', headers: { 'x-name': 'value' }, body: '"ä🦊"', signal: never };
  const response = await fetch(`${url}/a?b=c%20d`, init);
  t.false(response.ok);
  t.is(response.status, 409);
  t.is(response.headers.get('x-a'), 'b');
  t.is(response.headers.get('x-none'), null);
  t.deepEqual(JSON.parse(await response.text()), ['POST', '/a?b=c%20d', 'value', '8', '"ä🦊"']);
});

both('characters that are cut between parts are whole', async (t, fetch) => {
  const bytes = Buffer.from('🦊ü');
  const url = await serve(t, async (_, response) => {
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    response.end();
  });
  const response = await fetch(url, { ...GET, signal: never });
  t.true(response.ok);
  t.is(await response.text(), '🦊ü');
});

both('a body is read as it comes', async (t, fetch) => {
  const url = await serve(t, (_, response) => void response.write('first'));
  const abort = new AbortController();
  const { body } = await fetch(url, { ...GET, signal: abort.signal });
  const reader = body!.getReader();
  const { value } = await reader.read();
  t.is(Buffer.from(value!).toString(), 'first');
  const next = reader.read();
  abort.abort(new Error('enough'));
  await t.throwsAsync(next);
});

both('nobody is there: the cause says so', async (t, fetch) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  const error = await t.throwsAsync(fetch(`http://127.0.0.1:${port}`, { ...GET, signal: never }));
  const { message } = (error.cause ?? error) as Error;
  t.is(message, `connect ECONNREFUSED 127.0.0.1:${port}`);
});

both('it goes nowhere else', async (t, fetch) => {
  const url = await serve(t, (request, response) => {
    response.writeHead(request.url === '/' ? 302 : 200, { location: '/elsewhere' }).end();
  });
  const error = await t.throwsAsync(fetch(url, { ...GET, signal: never }));
  t.is(((error.cause ?? error) as Error).message, 'unexpected redirect');
});

both('an answer that ends early is none', async (t, fetch) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy());
  });
  const response = await fetch(url, { ...GET, signal: never });
  await t.throwsAsync(response.text());
});

for (const when of ['before it is sent', 'before the answer', 'within the answer'] as const) {
  both(`aborted ${when}: the reason is told`, async (t, fetch) => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const url = await serve(t, (_, response) => {
      if (when === 'within the answer') response.write('half');
      else abort.abort(reason);
    });
    if (when === 'before it is sent') abort.abort(reason);
    const asked = fetch(url, { ...GET, signal: abort.signal }).then(response => {
      const text = response.text();
      abort.abort(reason);
      return text;
    });
    t.is(await t.throwsAsync(asked), reason);
  });
}
