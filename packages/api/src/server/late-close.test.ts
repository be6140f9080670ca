import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import { serve } from './served.test.support.ts';

const SIGNAL = '/v1/executions/a/signals/n';
const headOf = (length: number) =>
  `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

for (const [title, headers] of [
  ['with their length', { 'content-length': '80000000' }],
  ['in chunks', {}],
] as const) {
  test(`whoever sends 80 MB ${title} whatever is answered meanwhile hears that they are refused`, async t => {
    const { url } = await serve(t);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url + SIGNAL, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
      });
      sent.on('error', reject).on('response', answer => resolve(answer.resume().statusCode));
      sent.end(Buffer.alloc(80_000_000, ' '));
    });
    t.is(status, 413);
  });
}

test('a request behind a body that was refused is not taken', async t => {
  const { url, asked } = await serve(t);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const answers = textOf(socket);
  socket.write(headOf(5_000_000) + ' '.repeat(5_000_000) + headOf(1) + '1');
  t.deepEqual((await answers).match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 413']);
  t.deepEqual(asked, []);
});

test('a connection is closed though the body that was refused never ends', async t => {
  const { url } = await serve(t, { timeouts: { linger: 100 } });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(headOf(80_000_000));
  const feed = setInterval(() => socket.write('x'), 10);
  t.regex(await textOf(socket), /^HTTP\/1\.1 413 /);
  clearInterval(feed);
});

/** All that came until the connection was closed. */
async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('error', () => undefined).on('data', data => (text += String(data)));
  await new Promise(resolve => socket.once('close', resolve));
  return text;
}
