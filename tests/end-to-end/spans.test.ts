import { join } from 'node:path';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import test from 'ava';
import { startNode, workflow } from 'dfns';
import { Child } from './child.ts';
import { Ledger } from './ledger.ts';
import { go, order } from './programs/traced.ts';
import { scratch } from './scratch.ts';
import { until } from './until.ts';

const CALLER_TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';

for (const [whose, traceparent] of [
  ["its caller's trace", `00-${CALLER_TRACE}-${CALLER_SPAN}-01`],
  ['a trace of its own', ''],
] as const) {
  test(`an execution in ${whose} stays in it when its process is killed`, async t => {
    const folder = scratch(t);
    const store = `sqlite:${join(folder, 'app.db')}`;
    const ledger = new Ledger(join(folder, 'spans'));
    const child = new Child(t, 'traced.ts', store, ledger.path, traceparent);
    await until(() => child.isRunning && ledger.lines().includes('waits'));
    await child.kill();
    const [before = '', ...others] = ledger.lines();
    t.deepEqual(others, ['waits']);
    const [name, traceId, , parent] = before.split('|');
    t.is(name, 'task before');
    if (traceparent !== '') t.is(traceId, CALLER_TRACE);

    const exporter = new InMemorySpanExporter();
    const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const node = await startNode({ workflows: [order], store, log: 'error', tracing });
    t.teardown(() => node.stop());
    const handle = node.client.get(order, 'a');
    const { runId } = await handle.describe();
    t.deepEqual(exporter.getFinishedSpans(), [], 'reading it back is no happening');
    await handle.signal(go);
    await handle.result();

    const spans = exporter.getFinishedSpans();
    // `task before` is not there again: replay makes no spans.
    t.deepEqual(spans.map(span => span.name).toSorted(), ['signal go', 'task after', 'workflow order']);
    for (const span of spans) t.is(span.spanContext().traceId, traceId ?? '', span.name);
    const [after] = spans.filter(span => span.name === 'task after');
    const [run] = spans.filter(span => span.name === 'workflow order');
    t.is(run?.parentSpanContext?.spanId, traceparent === '' ? parent : CALLER_SPAN);
    t.is(after?.parentSpanContext?.spanId, run?.spanContext().spanId);
    t.deepEqual(after?.attributes, {
      'dfns.execution.id': 'a',
      'dfns.run.id': runId,
      'dfns.workflow': 'order',
      'dfns.namespace': 'default',
      'dfns.task': 'after',
      'dfns.attempt': 1,
    });
  });
}

test('a start that is sent again in another trace is the same start', async t => {
  const node = await startNode({ workflows: [order], log: 'silent' });
  t.teardown(() => node.stop());
  const start = (span: string) =>
    node.client.start(order, undefined, {
      idempotencyKey: 'k',
      headers: { traceparent: `00-${CALLER_TRACE}-${span}-01`, tracestate: `dfns=${span}` },
    });
  const first = await start('b7ad6b7169203331');
  const again = await start('c7ad6b7169203331');
  t.true(again.existing);
  t.is(again.runId, first.runId);
});

test('a start over HTTP goes on in the trace of its request, and says so in the headers of the execution', async t => {
  const exporter = new InMemorySpanExporter();
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tells = workflow({ name: 'tells' }, async ctx => {
    await ctx.step('step', () => undefined);
    return ctx.info.headers['traceparent'] ?? null;
  });
  const options = { workflows: [tells], log: 'silent', http: { port: 0 } } as const;
  const traced = await startNode({ ...options, tracing });
  const untraced = await startNode(options);
  t.teardown(() => Promise.all([traced.stop(), untraced.stop()]));
  const caller = `00-${CALLER_TRACE}-${CALLER_SPAN}-01`;
  const post = async (url: string, body: object, traceparent: string) => {
    const headers = { 'content-type': 'application/json', traceparent };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text) as { readonly id: string };
  };
  for (const node of [traced, untraced]) {
    const plain = await post(`${node.url}/v1/executions`, { workflow: 'tells' }, caller);
    const signal = { name: 'go', payload: 1 };
    const signalled = await post(`${node.url}/v1/signal-with-start`, { workflow: 'tells', signal }, caller);
    for (const { id } of [plain, signalled]) t.is(await node.client.get(id).result(), caller);
    // What the body says of headers stands; what is no trace is none.
    const headers = { traceparent: caller.replace(CALLER_SPAN, 'c7ad6b7169203331') };
    const own = await post(`${node.url}/v1/executions`, { workflow: 'tells', headers }, caller);
    t.is(await node.client.get(own.id).result(), headers.traceparent);
    const wrong = await post(`${node.url}/v1/executions`, { workflow: 'tells' }, 'secret');
    t.not(await node.client.get(wrong.id).result(), 'secret');
  }
  const [run] = exporter.getFinishedSpans().filter(span => span.name === 'workflow tells');
  t.is(run?.parentSpanContext?.spanId, CALLER_SPAN);
});
