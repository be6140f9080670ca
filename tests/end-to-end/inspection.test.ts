import { NonRetryableError, signal, task, workflow } from 'dfns';
import { z } from 'zod';
import { onEachStore } from './on-each-store.ts';
import { until } from './until.ts';

const go = signal('go', { input: z.number() });
const flaky = task({ name: 'flaky', input: z.string(), retry: { initial: 1 } }, (_, { attempt }) => {
  if (attempt === 1) throw new Error('again');
  throw new NonRetryableError('no');
});
const order = workflow(
  { name: 'order', input: z.object({ n: z.int() }), signals: [go], attributes: { tier: 'keyword' } },
  async (ctx, { n }) => {
    ctx.setAttributes({ tier: 'gold' });
    await ctx.run(flaky, 'x').catch(() => undefined);
    return n + (await ctx.waitForSignal(go));
  },
);

onEachStore('timeline and state: a run as spans, and as of a turn', { workflows: [order] }, async (t, { client }) => {
  const handle = await client.start(order, { n: 1 }, { id: 'a' });
  await until(async () => (await handle.describe()).waiting[0]?.kind === 'signal');
  const state = await handle.state();
  t.like(state, { runId: handle.runId, status: 'running', attributes: { tier: 'gold' } });
  t.true(state.at instanceof Date);
  t.deepEqual(
    state.open.map(({ kind, name, status }) => ({ kind, name, status })),
    [{ kind: 'wait', name: 'go', status: 'running' }],
  );
  const first = await handle.state({ atTurn: 1, timeout: '10s' });
  t.like(first.open[0], { kind: 'task', name: 'flaky', status: 'running' });
  t.deepEqual((await handle.state({ atTurn: 0 })).open, []);
  await t.throwsAsync(handle.state({ atTurn: 10_000 }), { code: 'VALIDATION', message: /There is no turn 10000/ });
  await t.throwsAsync(handle.state({ atTurn: 'x' as never }), { code: 'VALIDATION', message: /atTurn of state/ });
  await t.throwsAsync(handle.state({ turn: 1 } as never), { code: 'VALIDATION', message: /"turn"/ });

  await handle.signal(go, 2);
  await handle.result();
  const timeline = await handle.timeline({ runId: handle.runId });
  t.like(timeline, { runId: handle.runId, status: 'completed' });
  t.true(timeline.closedAt! >= timeline.startedAt);
  const [run] = timeline.spans.filter(({ kind }) => kind === 'task');
  t.like(run, { name: 'flaky', status: 'failed' });
  t.true(run?.endedAt instanceof Date);
  t.deepEqual(
    run?.attempts?.map(({ attempt, error, retryAt }) => [attempt, error?.message, retryAt instanceof Date]),
    [
      [1, 'again', true],
      [2, 'no', false],
    ],
  );
  t.is(run?.attempts?.[1]?.error?.name, 'NonRetryableError');
  await t.throwsAsync(handle.timeline({ runId: 'nobody' }), { code: 'NOT_FOUND' });
  await t.throwsAsync(client.get('nobody').timeline(), { code: 'NOT_FOUND' });
});

onEachStore(
  'describe, definitions, info: what the client is told of executions and of the node',
  { workflows: [order], tasks: [flaky], build: 'b1' },
  async (t, { client, build }) => {
    await client.start(order, { n: 1 }, { id: 'a' });
    t.like(await client.describe('a'), { id: 'a', workflow: 'order', input: { n: 1 }, status: 'running' });
    await t.throwsAsync(client.describe('nobody'), { code: 'NOT_FOUND' });

    const { workflows, tasks } = await client.definitions();
    t.like(workflows[0], { name: 'order', version: 1, latest: true, attributes: { tier: 'keyword' } });
    t.like(workflows[0]?.input, { type: 'object', required: ['n'] });
    t.like(workflows[0]?.signals[0], { name: 'go', input: { type: 'number' } });
    t.like(tasks[0], { name: 'flaky', input: { type: 'string' }, errors: {}, thread: false });

    const info = await client.info();
    t.like(info, { build, shards: info.store === 'postgres' ? 256 : 16, version: '0.0.0' });
    t.regex(info.store, /^(memory|sqlite|postgres)$/);
    t.true(info.now instanceof Date && info.now.getTime() > Date.UTC(2020));
    await t.throwsAsync(client.info({ timeout: 1, abort: 1 } as never), { code: 'VALIDATION' });
  },
);

const refused = () => {
  throw new NonRetryableError('connect ECONNREFUSED');
};
const fails = workflow({ name: 'fails', version: 2 }, ctx => ctx.step('connect', refused));

onEachStore('list and count take a filter in one text', { workflows: [order, fails] }, async (t, { client }) => {
  for (const id of ['ord-1', 'ord-2', 'x']) await client.start(order, { n: 1 }, { id });
  for (const id of ['ord-9', 'y']) await client.start(fails, undefined, { id });
  for (const id of ['ord-9', 'y']) await t.throwsAsync(client.get(id).result());
  const ids = async (q: string, filter = {}) => {
    const found: string[] = [];
    for await (const { id } of client.list({ q, order: 'oldest', ...filter })) found.push(id);
    return found;
  };
  t.deepEqual(await ids('id:ord-* started>-1h'), ['ord-1', 'ord-2', 'ord-9']);
  t.deepEqual(await ids('id:ord-* -workflow:order'), ['ord-9']);
  t.deepEqual(await ids('status:failed,held version>1 error:~econn'), ['ord-9', 'y']);
  t.deepEqual(await ids('attr.tier:gold -id:x', { workflow: order }), ['ord-1', 'ord-2']);
  t.deepEqual(await ids('workflow:order', { workflow: fails }), []);
  t.like(await client.count({ q: 'version:1 id:ord-*' }), { count: 2, byStatus: { running: 2 }, capped: false });
  t.throws(() => client.list({ q: 'stauts:failed' }), { code: 'VALIDATION', message: /Did you mean "status"\?/ });
  await t.throwsAsync(client.count({ q: 'status:faild' }), { code: 'VALIDATION', message: /did you mean failed\?/ });
});
