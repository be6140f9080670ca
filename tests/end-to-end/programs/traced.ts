import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { signal, startNode, workflow } from 'dfns';
import { Ledger } from '../ledger.ts';
import { until } from '../until.ts';

/**
 * `traced.ts STORE LEDGER TRACEPARENT`: starts an execution in that trace, or in none, and writes each span that it ends,
 * and when it waits.
 */
const [store = '', path = '', traceparent = ''] = process.argv.slice(2);
const ledger = new Ledger(path);

export const go = signal('go');
export const order = workflow({ name: 'order', signals: [go] }, async ctx => {
  await ctx.step('before', () => 1);
  await ctx.waitForSignal(go);
  await ctx.step('after', () => 2);
});

const written: SpanProcessor = {
  onStart: () => undefined,
  onEnd(span) {
    const { traceId, spanId } = span.spanContext();
    ledger.add(`${span.name}|${traceId}|${spanId}|${span.parentSpanContext?.spanId ?? ''}`);
  },
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
};

if (process.argv[1] === import.meta.filename) {
  const tracing = new BasicTracerProvider({ spanProcessors: [written] });
  const node = await startNode({ workflows: [order], store, log: 'warn', tracing });
  const headers = traceparent === '' ? undefined : { traceparent };
  const handle = await node.client.start(order, undefined, { id: 'a', headers });
  // Until the result is durable the step may run again.
  await until(async () => (await handle.describe()).waiting.some(({ kind }) => kind === 'signal'));
  ledger.add('waits');
}
