import test from 'ava';
import { query, signal, startNode, update, workflow } from 'dfns';
import { OpenAPIClientAxios } from 'openapi-client-axios';
import { z } from 'zod';

const go = signal('go', { input: z.number() });
const state = query('state', { output: z.enum(['waiting']) });
const add = update('add', { input: z.number(), output: z.number() });
const waits = workflow(
  { name: 'waits', input: z.number(), signals: [go], queries: [state], updates: [add] },
  async (ctx, input) => {
    ctx.on(state, () => 'waiting' as const);
    ctx.on(add, n => n + input);
    return (await ctx.waitForSignal(go)) + input;
  },
);

/** A method of the client that another tool makes of the OpenAPI document: parameters, body, config. */
type Call = (
  parameters?: Readonly<Record<string, unknown>> | null,
  body?: unknown,
  config?: object,
) => Promise<{ readonly status: number; readonly data: Readonly<Record<string, unknown>> }>;

test('a client that another tool makes of /v1/openapi.json works against the node', async t => {
  const node = await startNode({
    workflows: [waits],
    log: 'silent',
    drainTimeout: 0,
    http: { port: 0, apiKeys: 'admin=KEY' },
  });
  t.teardown(() => node.stop());
  const headers = { Authorization: 'Bearer KEY' };
  const definition = (await (await fetch(`${node.url}/v1/openapi.json`, { headers })).json()) as never;
  const api = new OpenAPIClientAxios({
    definition,
    axiosConfigDefaults: { baseURL: node.url ?? '', headers },
  });
  const client = (await api.init()) as unknown as Readonly<Record<string, Call>> & {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Call>>>>;
  };
  // A number is JSON only where that is said.
  const json = { headers: { ...headers, 'Content-Type': 'application/json' } };
  const call = async (operation: string, ...args: Parameters<Call>) =>
    (await client[operation]!(args[0], args[1], args[1] === undefined ? {} : json)).data;

  const id = 'a/b 🦊';
  t.like(await call('start', null, { workflow: 'waits', id, input: 5 }), { id, status: 'running' });
  // By its path: axios has a method `query` of its own.
  const asked = await client.paths['/v1/executions/{id}/queries/{name}']!['post']!({ id, name: 'state' });
  t.like(asked.data, { result: 'waiting' });
  t.like(await call('update', { id, name: 'add', wait: '10s' }, 3), { result: 8 });
  // What the workflow declares has calls of its own.
  t.like(await call('query_state', { id }), { result: 'waiting' });
  t.like(await call('update_add', { id, wait: '10s' }, 4), { result: 9 });
  t.like(await call('list', { workflow: 'waits', status: 'running' }), { hasMore: false });
  t.regex(String((await call('signal', { id, name: 'go', 'Idempotency-Key': 'k' }, 2))['messageId']), /^key:/);
  t.like(await call('result', { id, wait: '10s' }), { status: 'completed', result: 7 });
  t.like(await call('describe', { id }), { input: 5, result: 7 });
  t.like(await call('count'), { count: 1 });
  const { items } = await call('history', { id, payloads: 'inline' });
  t.like((items as unknown[]).at(-1), { type: 'closed', value: 7 });
});
