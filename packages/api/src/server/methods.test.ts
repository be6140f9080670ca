import test from 'ava';
import { serve } from './served.test.support.ts';

for (const [method, path, allow] of [
  ['GET', '/v1/executions/a/cancel', 'POST'],
  ['GET', '/v1/executions/a%2Fb/signals/n?x=1', 'POST'],
  ['PUT', '/v1/executions/a', 'DELETE, GET, HEAD, PATCH'],
  ['DELETE', '/v1/executions', 'GET, HEAD, POST'],
  ['POST', '/v1/executions/count', 'DELETE, GET, HEAD, PATCH'],
] as const) {
  test(`${method} ${path} is 405, and says what there is`, async t => {
    const { send, asked } = await serve(t);
    const { status, headers, json } = await send(method, path);
    t.is(status, 405);
    t.is(headers.get('allow'), allow);
    t.regex(json.error.message, new RegExp(`only ${allow}; see /v1/docs`));
    t.true(headers.has('x-request-id'));
    t.is(asked.length, 0);
  });
}

test('a path that nothing is at is 404, whatever the method', async t => {
  const { send } = await serve(t);
  for (const path of ['/v1/nothing', '/v1/executions/a/b/c/d']) {
    const { status, headers } = await send('POST', path);
    t.is(status, 404, path);
    t.false(headers.has('allow'));
  }
});
