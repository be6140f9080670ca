import test from 'ava';
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { parseTraceparent, type Log } from '@dfnsjs/actor-core/ports';
import { openTracer } from './opentelemetry.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const silent: Log = { write: () => undefined };

async function exported() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = await openTracer(provider, '1.2.3', silent);
  return { tracer: tracer!, spans: () => exporter.getFinishedSpans() };
}

test.serial('without an SDK there are no spans, and whoever wants them is told', async t => {
  t.is(await openTracer(undefined, '1.2.3', silent), undefined);
  t.is(await openTracer(false, '1.2.3', silent), undefined);
  t.like(await t.throwsAsync(openTracer(true, '1.2.3', silent)), { code: 'VALIDATION' });
});

test.serial('an SDK that the program registered is used, unless tracing is off', async t => {
  trace.setGlobalTracerProvider(new BasicTracerProvider());
  try {
    t.truthy(await openTracer(undefined, '1.2.3', silent));
    t.truthy(await openTracer(true, '1.2.3', silent));
    t.is(await openTracer(false, '1.2.3', silent), undefined);
  } finally {
    trace.disable();
  }
});

test('a span has its name, attributes, parent and library', async t => {
  const { tracer, spans } = await exported();
  const span = tracer.begin('task send', { 'dfns.task': 'send', 'dfns.attempt': 2 }, CALLER);
  t.is(spans().length, 0);
  span.set({ 'dfns.status': 'completed' });
  span.end();
  const [seen] = spans();
  t.like(seen, { name: 'task send', instrumentationScope: { name: 'dfns', version: '1.2.3' } });
  t.deepEqual(seen?.attributes, { 'dfns.task': 'send', 'dfns.attempt': 2, 'dfns.status': 'completed' });
  t.is(seen?.parentSpanContext?.spanId, 'b7ad6b7169203331');
  t.is(seen?.status.code, SpanStatusCode.UNSET);
  t.is(span.traceparent, `00-0af7651916cd43dd8448eb211c80319c-${seen?.spanContext().spanId}-01`);
});

test('a span under another that is named by its context is of its trace', async t => {
  const { tracer, spans } = await exported();
  const parent = tracer.begin('workflow order', {}, undefined);
  tracer.begin('task send', {}, parent.traceparent).end();
  parent.end();
  const [child, root] = spans();
  t.is(root?.parentSpanContext, undefined);
  t.is(child?.parentSpanContext?.spanId, root?.spanContext().spanId);
  t.is(child?.spanContext().traceId, root?.spanContext().traceId);
});

test('a failure is a status and an attribute', async t => {
  const { tracer, spans } = await exported();
  const span = tracer.begin('task send', {}, 'no trace context');
  span.link(CALLER);
  span.end('TypeError');
  const [seen] = spans();
  t.deepEqual(seen?.status, { code: SpanStatusCode.ERROR, message: 'TypeError' });
  t.is(seen?.attributes['error.type'], 'TypeError');
  t.is(seen?.links[0]?.context.spanId, 'b7ad6b7169203331');
});

test.serial(
  'what a body begins is under its span, also after it waited, and not under who woke the engine',
  async t => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    t.teardown(() => context.disable());
    const { tracer } = await exported();
    const span = tracer.begin('task send', {}, undefined);
    const stranger = trace.setSpanContext(ROOT_CONTEXT, parseContext(CALLER));
    await context.with(stranger, async () => {
      t.is(tracer.current(), CALLER);
      const seen = await span.within(async () => {
        const before = tracer.current();
        await Promise.resolve();
        return [before, tracer.current()];
      });
      t.deepEqual(seen, [span.traceparent, span.traceparent]);
    });
    t.is(tracer.current(), undefined);
  },
);

test('what an exporter throws is said once, and harms nobody', async t => {
  const fails = () => {
    throw new Error('no');
  };
  const processor = {
    onStart: fails,
    onEnd: fails,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const said: string[] = [];
  const log: Log = { write: (_level, message) => said.push(message) };
  const tracer = await openTracer(new BasicTracerProvider({ spanProcessors: [processor] }), '1.2.3', log);
  const span = tracer!.begin('task send', {}, CALLER);
  t.is(
    span.within(() => 7),
    7,
  );
  span.end('TypeError');
  // What goes on under it stays in the caller's trace.
  t.is(parseTraceparent(span.traceparent)?.traceId, '0af7651916cd43dd8448eb211c80319c');
  t.deepEqual(said, ['OpenTelemetry threw: spans are incomplete']);
});

function parseContext(traceparent: string) {
  return parseTraceparent(traceparent)!;
}
