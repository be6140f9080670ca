import test from 'ava';
import { BINDINGS, type Binding, type OperationName, type Permission } from '@dfnsjs/client/http';
import { ROLES, ROLE_NAMES } from '../auth/roles.ts';
import { serve } from './served.test.support.ts';

const keys = ROLE_NAMES.flatMap(role => [`${role}=${role}-all`, `${role}@shop=${role}-shop`]).join(',');
const ROUTES: readonly {
  readonly name?: OperationName;
  readonly method: string;
  readonly path: string;
  readonly permission: Permission | undefined;
}[] = [
  ...(Object.keys(BINDINGS) as OperationName[]).map(name => {
    const { method, path, permission, variant }: Binding = BINDINGS[name];
    const filled = path.replace(':id', 'a').replace(':name', 'n').replace(':updateId', 'u').replace(':command', '7');
    return { name, method, path: variant ? `${filled}?${variant.query}=${variant.value}` : filled, permission };
  }),
  { method: 'GET', path: '/v1/executions/a/payloads/r1.1', permission: 'payloads' },
  { method: 'POST', path: '/v1/executions/batch', permission: 'start' },
  { method: 'GET', path: '/metrics', permission: 'metrics' },
  { method: 'GET', path: '/v1/whoami', permission: undefined },
  { method: 'GET', path: '/v1/openapi.json', permission: undefined },
  { method: 'GET', path: '/v1/docs', permission: undefined },
];
const BODIES: { readonly [Name in OperationName]?: unknown } = {
  start: { workflow: 'w' },
  signalWithStart: { workflow: 'w', signal: { name: 'n' } },
  updateWithStart: { workflow: 'w', update: { name: 'n' } },
  setAttributes: { attributes: {} },
  failTask: { message: 'no' },
};

for (const { name, method, path, permission } of ROUTES) {
  test(`${method} ${path}: each role and namespace gets what it may, and nothing is asked otherwise`, async t => {
    const { send, asked } = await serve(t, { keys });
    const ask = (headers: Record<string, string>) =>
      send(method, path, { ...(name && BODIES[name] ? { body: BODIES[name] } : {}), headers });
    const none = await ask({});
    t.is(none.status, 401);
    t.is(none.json.error.code, 'UNAUTHENTICATED');
    t.is((await ask({ authorization: 'Bearer wrong' })).status, 401);
    t.is(asked.length, 0);
    for (const role of ROLE_NAMES) {
      for (const [key, namespace, reaches] of [
        [`${role}-all`, 'shop', true],
        [`${role}-all`, 'other', true],
        [`${role}-shop`, 'shop', true],
        [`${role}-shop`, 'other', false],
      ] as const) {
        const before = asked.length;
        const isAllowed = permission === undefined || ROLES[role].has(permission);
        // Nodes are no namespace's: a key of one alone leaves them as they are.
        const may = isAllowed && !(permission === 'nodes' && key.endsWith('-shop'));
        const answer = await ask({ authorization: `Bearer ${key}`, 'x-dfns-namespace': namespace });
        const what = `${key} in ${namespace}`;
        // What the query asks for beside the route is looked at behind the door of its namespace.
        if (!may && !reaches && path.includes('?')) t.true(answer.status === 403 || answer.status === 404, what);
        else if (!may) t.like(answer, { status: 403, json: { error: { code: 'FORBIDDEN' } } }, what);
        else if (!reaches) t.like(answer, { status: 404, json: { error: { code: 'NOT_FOUND' } } }, what);
        else t.true(answer.status < 300, `${what}: ${answer.text}`);
        if (!may || !reaches) t.is(asked.length, before, what);
        for (const { request } of asked.slice(before)) t.is(request['namespace'], namespace);
      }
    }
  });
}

test('only the health routes answer without a key, a route that does not exist neither', async t => {
  const { send } = await serve(t, { keys });
  for (const path of ['/healthz', '/readyz', '/startupz']) t.is((await send('GET', path)).status, 200);
  t.is((await send('GET', '/v1/nothing')).status, 401);
  t.is((await send('GET', '/v1/nothing', { headers: { authorization: 'Bearer admin-all' } })).status, 404);
});

test('without keys all may do all; without a namespace it is the key’s, or "default"', async t => {
  const open = await serve(t);
  t.like((await open.send('GET', '/v1/whoami')).json, { role: 'admin', namespace: 'default' });
  t.like((await open.send('GET', '/v1/info')).json, { insecure: true, version: '1.2.3' });
  const { send } = await serve(t, { keys });
  const whoami = await send('GET', '/v1/whoami', { headers: { authorization: 'Bearer reader-shop' } });
  t.deepEqual(whoami.json as object, { role: 'reader', namespace: 'shop', permissions: ['read', 'query'] });
});

test('a namespace beyond ASCII comes percent-encoded', async t => {
  const { send, asked } = await serve(t);
  await send('GET', '/v1/executions/a', { headers: { 'x-dfns-namespace': encodeURIComponent('größe/50%') } });
  t.is(asked[0]?.request['namespace'], 'größe/50%');
});

test('a key that may not see payloads gets none, neither in descriptions nor in histories', async t => {
  const { send } = await serve(t, { keys });
  const reader = { headers: { authorization: 'Bearer reader-all' } };
  for (const path of ['/v1/executions/a', '/v1/executions/a/result', '/v1/executions/a/history', '/v1/executions']) {
    const { status, text } = await send('GET', path, reader);
    t.is(status, 200);
    t.notRegex(text, /secret|"result"/, path);
  }
  t.is((await send('GET', '/v1/executions/a/history?payloads=inline', reader)).status, 403);
  const app = { headers: { authorization: 'Bearer app-all' } };
  t.regex((await send('GET', '/v1/executions/a', app)).text, /secret/);
  t.regex((await send('GET', '/v1/executions/a/history?payloads=inline', app)).text, /secret/);
  t.regex((await send('GET', '/v1/executions/a/payloads/r1.1', app)).text, /secret/);
});

test('an address that tries many bad keys has to wait, and good keys from there with it', async t => {
  const { send } = await serve(t, { keys });
  const bad = { headers: { authorization: 'Bearer wrong' } };
  for (let tried = 0; tried < 20; tried++) t.is((await send('GET', '/v1/info', bad)).status, 401);
  const { status, json, headers } = await send('GET', '/v1/info', { headers: { authorization: 'Bearer admin-all' } });
  t.is(status, 429);
  t.is(json.error.code, 'RATE_LIMITED');
  t.true(Number(headers.get('retry-after')) > 0);
});
