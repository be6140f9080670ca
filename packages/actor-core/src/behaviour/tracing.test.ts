import test from 'ava';
import { NonRetryableError } from '../definition/retry-control.ts';
import { signal } from '../definition/signal.ts';
import { task } from '../definition/task.ts';
import { encode } from '../payload/encode.ts';
import { FakeTracer } from '../ports/telemetry/fake-tracer.ts';
import { workflow, type AnyWorkflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal('go');
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const [, CALLER_TRACE, CALLER_SPAN] = CALLER.split('-');

function traced(...workflows: readonly AnyWorkflow[]) {
  const tracer = new FakeTracer();
  return { tracer, node: new FakeNode(workflows, { tracer }), names: () => tracer.seen.map(({ name }) => name) };
}

const failing = task({ name: 'failing', retry: { maxAttempts: 2, initial: 1 } }, (_: void, { attempt }) => {
  if (attempt === 1) throw new NonRetryableSecret('secret');
  return 1;
});
class NonRetryableSecret extends Error {}

test('an execution is one trace: its span, and one for each attempt under it', async t => {
  const flow = workflow({ name: 'flow' }, ctx => ctx.run(failing));
  const { node, tracer } = traced(flow);
  const { runId } = await node.start('flow');
  await node.advance(1_000);
  const [attempt1, attempt2, run] = tracer.seen.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  t.is(tracer.begun.length, 3);
  t.like(run, { name: 'workflow flow', parent: undefined, failure: undefined });
  t.like(attempt1, { name: 'task failing', parent: run!.spanId, traceId: run!.traceId, failure: 'NonRetryableSecret' });
  t.like(attempt2, { name: 'task failing', parent: run!.spanId, traceId: run!.traceId, failure: undefined });
  const identity = {
    'dfns.execution.id': 'a',
    'dfns.run.id': runId,
    'dfns.workflow': 'flow',
    'dfns.namespace': 'default',
  };
  t.deepEqual(run?.attributes, { ...identity, 'dfns.status': 'completed' });
  t.deepEqual(attempt2?.attributes, { ...identity, 'dfns.task': 'failing', 'dfns.attempt': 2 });
  t.deepEqual(tracer.within, ['task failing', 'task failing']);
});

for (const [how, headers, active] of [
  ['header', new Map([['traceparent', CALLER]]), undefined],
  ['current span', null, CALLER],
] as const) {
  test(`an execution stands in the trace of its caller, given by ${how}`, async t => {
    const flow = workflow({ name: 'flow' }, ctx => ctx.step('step', () => 1));
    const { node, tracer } = traced(flow);
    tracer.active = active;
    await node.start('flow', undefined, { headers });
    const run = tracer.seen.find(({ name }) => name === 'workflow flow');
    t.like(run, { traceId: CALLER_TRACE!, parent: CALLER_SPAN! });
    t.like(
      tracer.seen.find(({ name }) => name === 'task step'),
      { traceId: CALLER_TRACE!, parent: run!.spanId },
    );
    t.is(node.row().headers?.get('traceparent'), CALLER);
  });
}

test('a trace context that cannot be read begins a trace, which the row keeps', async t => {
  const flow = workflow({ name: 'flow' }, () => 1);
  const { node, tracer } = traced(flow);
  await node.start('flow', undefined, { headers: new Map([['traceparent', 'secret']]) });
  const [run] = tracer.seen;
  t.is(node.row().headers?.get('traceparent'), `00-${run?.traceId}-${run?.spanId}-01`);
});

test('after its process died an execution goes on in the same trace, and replay makes no span', async t => {
  const flow = workflow({ name: 'flow', signals: [go] }, async ctx => {
    await ctx.step('before', () => 1);
    await ctx.waitForSignal(go);
    await ctx.step('after', () => 1);
  });
  const { node, tracer, names } = traced(flow);
  await node.start('flow');
  const [first] = tracer.begun;
  await node.restart();
  t.deepEqual(names(), ['task before']);
  t.is(tracer.begun.length, 2);
  await node.signal('go');
  t.deepEqual(names().toSorted(), ['signal go', 'task after', 'task before', 'workflow flow']);
  t.deepEqual(new Set(tracer.begun.map(({ traceId }) => traceId)), new Set([first!.traceId]));
  t.like(
    tracer.seen.find(({ name }) => name === 'workflow flow'),
    { parent: first!.spanId },
  );
});

test('all runs of an execution are one trace', async t => {
  const flow = workflow({ name: 'flow' }, async (ctx, n: number) => {
    if (n < 2) await ctx.continueAsNew(n + 1);
  });
  const { node, tracer, names } = traced(flow);
  await node.start('flow', 1);
  await node.settle();
  t.deepEqual(names(), ['workflow flow', 'workflow flow']);
  t.is(new Set(tracer.seen.map(({ traceId }) => traceId)).size, 1);
  t.deepEqual(
    tracer.seen.map(({ attributes }) => attributes['dfns.status']),
    ['continued-as-new', 'completed'],
  );
});

test('a signal stands in the trace of its caller and names the one of its execution', async t => {
  const flow = workflow({ name: 'flow', signals: [go] }, ctx => ctx.waitForSignal(go));
  const { node, tracer } = traced(flow);
  await node.start('flow');
  const own = node.row().headers?.get('traceparent');
  tracer.active = CALLER;
  await node.signal('go', 'secret');
  const span = tracer.seen.find(({ name }) => name === 'signal go');
  t.like(span, { traceId: CALLER_TRACE!, parent: CALLER_SPAN!, links: [own!], failure: undefined });
  t.is(span?.attributes['dfns.workflow'], 'flow');
  t.is(node.turns().at(-1)?.traceparent, `00-${CALLER_TRACE}-${span?.spanId}-01`);
});

test('a signal that comes with a start is a span, and the execution stands in the same trace', async t => {
  const flow = workflow({ name: 'flow', signals: [go] }, ctx => ctx.waitForSignal(go));
  const { node, tracer } = traced(flow);
  tracer.active = CALLER;
  await node.engine.signalWithStart(
    {
      namespace: 'default',
      id: 'a',
      workflow: 'flow',
      version: undefined,
      input: null,
      attributes: null,
      headers: null,
      onConflict: 'use-existing',
      reuse: 'always',
      idempotency: null,
      startedBy: null,
    },
    { name: 'go', payload: encode(1, 'payload'), messageId: node.messageId() },
  );
  await node.settle();
  const inOrder = tracer.seen.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  t.deepEqual(
    inOrder.map(({ name, traceId, parent }) => [name, traceId, parent]),
    [
      ['signal go', CALLER_TRACE, CALLER_SPAN],
      ['workflow flow', CALLER_TRACE, CALLER_SPAN],
    ],
  );
});

test('a signal that is refused says so by its code', async t => {
  const flow = workflow({ name: 'flow' }, () => 1);
  const { node, tracer } = traced(flow);
  await node.start('flow');
  await t.throwsAsync(node.signal('go'), { code: 'CLOSED' });
  t.like(tracer.seen.at(-1), { name: 'signal go', failure: 'CLOSED' });
});

test('a signal between executions is a span where it is taken', async t => {
  const receiver = workflow({ name: 'receiver', signals: [go] }, ctx => ctx.waitForSignal(go));
  const sender = workflow({ name: 'sender' }, ctx => ctx.execution('r').signal(go));
  const { node, tracer } = traced(receiver, sender);
  await node.start('receiver', undefined, { id: 'r' });
  await node.start('sender', undefined, { id: 's' });
  await node.settle();
  t.is(tracer.seen.find(({ name }) => name === 'signal go')?.attributes['dfns.execution.id'], 'r');
});

test('a start that is refused leaves no span', async t => {
  const flow = workflow({ name: 'flow', signals: [go] }, ctx => ctx.waitForSignal(go));
  const { node, names } = traced(flow);
  await node.start('flow');
  await t.throwsAsync(node.start('flow'));
  await node.engine.stop();
  t.deepEqual(names(), ['workflow flow']);
});

test('how an execution failed is its status, never what was thrown', async t => {
  const flow = workflow({ name: 'flow' }, () => {
    throw new NonRetryableError('secret');
  });
  const { node, tracer } = traced(flow);
  await node.start('flow');
  t.like(tracer.seen[0], { name: 'workflow flow', failure: 'failed' });
});

test('a node that stops in order shows how far it came; a body that it aborts is told so', async t => {
  const flow = workflow({ name: 'flow' }, ctx => ctx.step('step', () => new Promise<void>(() => undefined)));
  const { node, tracer } = traced(flow);
  await node.start('flow');
  await node.engine.stop();
  t.deepEqual(
    tracer.seen.map(({ name, failure }) => [name, failure]),
    [
      ['workflow flow', undefined],
      ['task step', 'aborted'],
    ],
  );
  t.is(tracer.seen[0]?.attributes['dfns.status'], 'running');
});

test('a run that retries a failed one goes on in its trace', async t => {
  let fails = true;
  const flow = workflow({ name: 'flow' }, async ctx => {
    await ctx.step('step', () => 1);
    if (fails) throw new Error('no');
    await ctx.step('more', () => 2);
  });
  const { node, tracer } = traced(flow);
  await node.start('flow');
  await node.settle();
  fails = false;
  await node.engine.retry('default', 'a');
  await node.settle();
  t.is(node.outcome().status, 'completed');
  t.deepEqual(
    tracer.seen.map(({ name, failure }) => [name, failure]),
    [
      ['workflow flow', 'failed'],
      ['task step', undefined],
      ['workflow flow', undefined],
      ['task more', undefined],
    ],
  );
  t.is(new Set(tracer.seen.map(({ traceId }) => traceId)).size, 1);
});
