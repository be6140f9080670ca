import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { NonRetryableError, query, signal, startNode, task, update, workflow } from 'dfns';
import { parseExposition, promtoolComplaints } from './exposition.ts';
import { scratch } from './scratch.ts';

const go = signal('go');
const state = query('state');
const set = update('set');

const flaky = task({ name: 'flaky', retry: { initial: 1 } }, (_: void, { attempt }) => {
  if (attempt === 1) throw new Error('again');
});
const refused = task({ name: 'refused' }, () => {
  throw new NonRetryableError('no');
});
const order = workflow({ name: 'order', signals: [go], queries: [state], updates: [set] }, async (ctx, n: number) => {
  ctx.on(state, () => n);
  ctx.on(set, () => n);
  await ctx.step('step', () => n);
  await ctx.run(flaky);
  await ctx.run(refused).catch(() => undefined);
  await ctx.waitForSignal(go);
  await ctx.sleep('1ms');
  if (n % 5 === 0) throw new Error('no');
});

for (const kind of ['memory', 'sqlite']) {
  test(`after a known load the numbers are exactly it (${kind})`, async t => {
    const store = kind === 'memory' ? 'memory:' : `sqlite:${join(scratch(t), 'app.db')}`;
    const node = await startNode({ workflows: [order], store, log: 'silent', metrics: true, namespace: 'shop' });
    t.teardown(() => node.stop());
    const handles = await Promise.all(
      Array.from({ length: 10 }, (_, n) => node.client.start(order, n, { id: `secret-${n}` })),
    );
    await t.throwsAsync(node.client.start(order, 1, { id: 'secret-1' }), { code: 'ALREADY_RUNNING' });
    for (const handle of handles) {
      await handle.waitFor(state, () => true);
      await handle.update(set);
      await handle.signal(go);
    }
    await Promise.allSettled(handles.map(handle => handle.result()));

    const { text, contentType } = await node.metrics();
    t.is(contentType, 'text/plain; version=0.0.4; charset=utf-8');
    const families = parseExposition(text);
    const read = (name: string) =>
      Object.fromEntries([...(families.get(name)?.samples ?? [])].filter(([, value]) => value !== 0));
    const local = (name: string) => `{dfns_namespace="shop",task="${name}",queue="local"}`;
    const of = (labels: string) => `{dfns_namespace="shop",workflow="order"${labels}}`;
    t.deepEqual(read('dfns_tasks_started_total'), {
      [local('step')]: 10,
      [local('flaky')]: 20,
      [local('refused')]: 10,
    });
    t.deepEqual(read('dfns_tasks_completed_total'), { [local('step')]: 10, [local('flaky')]: 10 });
    t.deepEqual(read('dfns_tasks_retried_total'), { [local('flaky')]: 10 });
    t.deepEqual(read('dfns_tasks_failed_total'), {
      '{dfns_namespace="shop",task="refused",reason="non-retryable"}': 10,
    });
    t.is(read('dfns_task_duration_seconds')['_count{dfns_namespace="shop",task="flaky"}'], 20);
    t.deepEqual(read('dfns_executions_started_total'), { [of('')]: 10 });
    t.deepEqual(read('dfns_executions_closed_total'), { [of(',status="completed"')]: 8, [of(',status="failed"')]: 2 });
    t.is(read('dfns_e2e_latency_seconds')[`_count${of(',status="failed"')}`], 2);
    const { [`{dfns_namespace="shop",kind="query",via="direct"}`]: queries = 0, ...messages } =
      read('dfns_messages_total');
    t.true(queries >= 10);
    const direct = (message: string) => `{dfns_namespace="shop",kind="${message}",via="direct"}`;
    t.deepEqual(messages, {
      [direct('start')]: 10,
      [direct('task-done')]: 20,
      [direct('task-failed')]: 20,
      [direct('update')]: 10,
      [direct('signal')]: 10,
      [direct('timer')]: 10,
    });
    t.deepEqual(read('dfns_activations_total'), { '{source="start"}': 10 });
    t.is(read('dfns_timer_lag_seconds')['_count'], 10);
    t.is(read('dfns_shards_owned')[''], 16);
    t.deepEqual(read('dfns_shard_moves_total'), { '{reason="acquired"}': 16 });
    t.is(read('dfns_store_up')[''], 1);
    t.is(read('dfns_actors_resident')[''], undefined);
    t.is(
      Object.keys(read('dfns_build_info'))[0],
      `{version="0.0.0",build="${node.build}",node_version="${process.version}"}`,
    );
    const commits = read('dfns_store_operations_total')['{op="commit",outcome="ok"}'];
    t.is(read('dfns_commit_duration_seconds')[`_count{store="${kind}"}`], commits);
    t.is(read('dfns_commit_batch_turns')['_count'], commits);
    t.true(families.has('process_cpu_seconds_total'));
    // Ids would be a series for each execution.
    t.notRegex(text, /secret/);
    t.is(promtoolComplaints(text) ?? '', '');
  });
}

test('a node on a store that another left counts takeovers and what it reads back', async t => {
  const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
  const options = { workflows: [waits], store: `sqlite:${join(scratch(t), 'app.db')}`, log: 'silent' } as const;
  const first = await startNode(options);
  await first.client.start(waits, undefined, { id: 'a' });
  await first.stop();
  const second = await startNode({ ...options, metrics: true });
  t.teardown(() => second.stop());
  const handle = second.client.get(waits, 'a');
  await handle.signal(go);
  await handle.result();
  const families = parseExposition((await second.metrics()).text);
  t.is(families.get('dfns_activations_total')?.samples.get('{source="journal"}'), 1);
  t.is(families.get('dfns_shard_moves_total')?.samples.get('{reason="acquired"}'), 16);
  t.is(families.get('dfns_executions_started_total')?.samples.size, 0);
});

test('executions that were open before this node are counted, however many begin and end meanwhile', async t => {
  const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
  const options = {
    workflows: [waits],
    store: `sqlite:${join(scratch(t), 'app.db')}`,
    log: 'silent',
    metrics: true,
  } as const;
  const read = async (node: Awaited<ReturnType<typeof startNode>>) => {
    const samples = parseExposition((await node.metrics()).text).get('dfns_executions_open')?.samples;
    return samples?.get('{dfns_namespace="default"}');
  };
  const first = await startNode(options);
  for (let n = 0; n < 40; n++) await first.client.start(waits, undefined, { id: `a-${n}` });
  while ((await read(first)) !== 40) await new Promise(resolve => setImmediate(resolve));
  await first.stop();
  const second = await startNode(options);
  t.teardown(() => second.stop());
  for (let n = 0; n < 20; n++) {
    await second.client.start(waits, undefined, { id: `b-${n}` });
    await second.client.get(waits, `a-${n}`).terminate();
    if (n % 2) await second.client.get(waits, `b-${n}`).signal(go);
  }
  while ((await read(second)) !== 30) await new Promise(resolve => setImmediate(resolve));
  await second.client.get(waits, 'a-20').terminate();
  t.is(await read(second), 29);
});

test('executions that were held before this node are counted as held', async t => {
  const holds = workflow({ name: 'holds', onError: 'hold' }, () => {
    throw new Error('no');
  });
  const options = {
    workflows: [holds],
    store: `sqlite:${join(scratch(t), 'app.db')}`,
    log: 'silent',
    metrics: true,
  } as const;
  const held = '{dfns_namespace="default",workflow="holds",code="ON_ERROR"}';
  const read = async (node: Awaited<ReturnType<typeof startNode>>) =>
    parseExposition((await node.metrics()).text)
      .get('dfns_executions_held')
      ?.samples.get(held);
  const first = await startNode(options);
  await first.client.start(holds);
  t.is(await read(first), 1);
  await first.stop();
  const second = await startNode(options);
  t.teardown(() => second.stop());
  // What was left is looked through behind the start.
  while ((await read(second)) !== 1) await new Promise(resolve => setImmediate(resolve));
  t.pass();
});

test('StatsD hears of a load when the node stops, at the latest', async t => {
  const server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const lines: string[] = [];
  const closed = new Promise<void>(resolve =>
    server.on('message', packet => {
      lines.push(...packet.toString().split('\n'));
      if (lines.some(line => line.startsWith('dfns_executions_closed_total'))) resolve();
    }),
  );
  const quick = workflow({ name: 'quick' }, ctx => ctx.step('step', () => 1));
  const node = await startNode({
    workflows: [quick],
    log: 'silent',
    metrics: { statsd: `udp://127.0.0.1:${server.address().port}` },
  });
  await Promise.all(Array.from({ length: 3 }, () => node.client.execute(quick)));
  await node.stop();
  await closed;
  t.true(lines.includes('dfns_executions_closed_total:3|c|#dfns_namespace:default,workflow:quick,status:completed'));
  t.true(lines.includes('dfns_tasks_completed_total:3|c|#dfns_namespace:default,task:step,queue:local'));
});

test('a node with http counts and answers /metrics, unless it is told not to', async t => {
  const options = { workflows: [], log: 'silent', http: { port: 0 } } as const;
  const node = await startNode(options);
  const silent = await startNode({ ...options, metrics: false });
  t.teardown(() => Promise.all([node.stop(), silent.stop()]));
  const page = await fetch(`${node.url}/metrics`);
  t.is(page.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  t.is(
    parseExposition(await page.text())
      .get('dfns_shards_owned')
      ?.samples.get(''),
    16,
  );
  t.is((await fetch(`${silent.url}/metrics`)).status, 404);
});

test('a node that nobody asked to count says so', async t => {
  const node = await startNode({ workflows: [], log: 'silent' });
  t.teardown(() => node.stop());
  await t.throwsAsync(node.metrics(), { code: 'NOT_FOUND', message: /metrics: true/ });
});
