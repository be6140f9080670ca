import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import { encode } from '@dfnsjs/actor-core/records';
import { serve, type Answer } from './served.test.support.ts';

const SIGNAL = '/v1/executions/a/signals/n';
const head = (method: string, path: string, more = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

const until = async (holds: () => Promise<boolean>) => {
  while (!(await holds())) await new Promise(resolve => setImmediate(resolve));
};

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('bodies that are coming are bounded: one beyond is OVERLOADED before it is read, and gets in when there is room', async t => {
  const { send, url } = await serve(t, { traffic: { bodyBytes: 100_000 } });
  const slow = await open(url);
  slow.write(head('POST', SIGNAL, 'Content-Type: application/json\r\nContent-Length: 90000\r\n') + '"');
  let refused: Answer | undefined;
  await until(async () => {
    refused = await send('POST', SIGNAL, { body: `"${'x'.repeat(20_000)}"` });
    return refused.status === 503;
  });
  t.is(refused?.json.error.code, 'OVERLOADED');
  t.true(Number(refused?.headers.get('retry-after')) >= 1);
  t.is((await send('POST', SIGNAL, { body: '1' })).status, 202);
  t.is((await send('GET', '/v1/executions/a')).status, 200);
  slow.destroy();
  await until(async () => (await send('POST', SIGNAL, { body: `"${'x'.repeat(20_000)}"` })).status === 202);
  t.pass();
});

test('a body in chunks of unknown length counts as the largest', async t => {
  const { send, url } = await serve(t, { traffic: { bodyBytes: 4 * 1024 * 1024 + 10_000 } });
  const slow = await open(url);
  slow.write(head('POST', SIGNAL, 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n'));
  await until(async () => (await send('POST', SIGNAL, { body: `"${'x'.repeat(20_000)}"` })).status === 503);
  t.is((await send('POST', SIGNAL, { body: '1' })).status, 202);
  slow.destroy();
});

test('requests in hand are bounded; health is told all the same', async t => {
  const { send } = await serve(t, {
    traffic: { requests: 2 },
    operations: { result: () => new Promise(() => undefined) },
  });
  const waits = [1, 2].map(() => send('GET', '/v1/executions/a/result?wait=50s'));
  await until(async () => (await send('GET', '/v1/executions/a')).status === 503);
  t.is((await send('GET', '/healthz')).status, 200);
  t.is(waits.length, 2);
});

test('whoever stops reading an answer is cut off', async t => {
  // More than the operating system takes for a connection.
  const result = encode('x'.repeat(1_000_000));
  const { send, url } = await serve(t, {
    traffic: { patienceMs: 50, slowestBytesAMs: 1_000_000 },
    operations: { query: () => Promise.resolve(result) },
  });
  const slow = await open(url);
  let cut = false;
  slow.on('error', () => (cut = true)).pause();
  slow.write(head('POST', '/v1/executions/a/queries/n', 'Content-Length: 0\r\n').repeat(12));
  await until(async () => {
    // Only who sends hears of the end without reading.
    slow.write('\r\n');
    return (await send('GET', '/v1/executions/count')).status === 200 && cut;
  });
  t.true(cut);
});

test('a connection that sends far ahead of its answers is refused the rest', async t => {
  let asked = 0;
  const never = () => (asked++, new Promise<never>(() => undefined));
  const { send, url } = await serve(t, { operations: { query: never } });
  const eager = await open(url);
  eager.write(head('POST', '/v1/executions/a/queries/n', 'Content-Length: 0\r\n').repeat(200));
  await until(async () => (await send('GET', '/v1/executions/count')).status === 200 && asked > 0);
  t.is(asked, 64);
  eager.destroy();
});

test('an answer that is read in full leaves nothing behind', async t => {
  const result = encode('x'.repeat(500_000));
  const { send } = await serve(t, {
    traffic: { answerBytes: 1 },
    operations: { query: () => Promise.resolve(result) },
  });
  for (let i = 0; i < 5; i++) {
    await until(async () => (await send('POST', '/v1/executions/a/queries/n')).status === 200);
  }
  t.pass();
});
