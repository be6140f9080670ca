import test from 'ava';
import { serve } from './served.test.support.ts';

test('the same key, operation, name and body are one message; anything else is another', async t => {
  const { send, asked } = await serve(t);
  const signal = (path: string, body: unknown, key: string) =>
    send('POST', `/v1/executions/a/${path}`, { body, headers: { 'idempotency-key': key } });
  await signal('signals/n', { x: 1 }, 'k');
  await signal('signals/n', { x: 1 }, 'k');
  await signal('signals/n', { x: 2 }, 'k');
  await signal('signals/m', { x: 1 }, 'k');
  await signal('updates/n', { x: 1 }, 'k');
  await signal('signals/n', { x: 1 }, 'l');
  await signal('cancel', { reason: 'x' }, 'k');
  await signal('terminate', { reason: 'x' }, 'k');
  const ids = asked.map(({ request }) => request['messageId'] as string);
  t.is(ids[0], ids[1]);
  t.is(new Set(ids).size, ids.length - 1);
  // What makes two messages one leaves the body out.
  const keys = ids.map(id => id.slice(0, id.lastIndexOf(':')));
  t.is(keys[0], keys[2]);
  t.is(new Set(keys).size, keys.length - 2);
});

test('without a key each request is a message of its own', async t => {
  const { send, asked } = await serve(t);
  for (let n = 0; n < 2; n++) await send('POST', '/v1/executions/a/signals/n', { body: 1 });
  t.not(asked[0]?.request['messageId'], asked[1]?.request['messageId']);
});

test('a start has its key from the header or the body, but not two', async t => {
  const { send, asked } = await serve(t);
  const headers = { 'idempotency-key': 'k' };
  await send('POST', '/v1/executions', { body: { workflow: 'w' }, headers });
  await send('POST', '/v1/executions', { body: { workflow: 'w', idempotencyKey: 'k' } });
  for (const { request } of asked) t.is(request['idempotencyKey'], 'k');
  t.is((await send('POST', '/v1/executions', { body: { workflow: 'w', idempotencyKey: 'l' }, headers })).status, 400);
});

test('a key that is none is refused', async t => {
  const { send } = await serve(t);
  for (const key of ['', 'x'.repeat(513), '%00']) {
    const { status } = await send('POST', '/v1/executions/a/signals/n', { headers: { 'idempotency-key': key } });
    t.is(status, 400, key.slice(0, 10));
  }
});
