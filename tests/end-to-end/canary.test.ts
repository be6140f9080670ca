import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import test from 'ava';
import { DfnsError, NonRetryableError, query, signal, startNode, task, update, workflow, type NodeOptions } from 'dfns';
import { z } from 'zod';
import { scratch } from './scratch.ts';

let planted = 0;
/** A secret that tells where it was planted. */
const canary = (where: string) => `s3cr3t-${where}-${++planted}`;

class SecretError extends Error {
  readonly card = canary('error field');
}

const note = signal('note', { input: z.object({ card: z.string() }) });
const look = query('look', { input: z.string() });
const change = update('change', { input: z.string() });
const fails = task({ name: 'fails', retry: { maxAttempts: 2, initial: 1 } }, (input: { readonly card: string }, t) => {
  t.heartbeat({ card: canary('progress') });
  throw new SecretError(`${canary('task error')} ${input.card}`, { cause: new Error(canary('cause')) });
});
const pays = workflow(
  { name: 'pays', signals: [note], queries: [look], updates: [change], attributes: { tier: 'keyword' } },
  async (ctx, input: { readonly card: string }) => {
    ctx.on(look, () => ({ card: canary('query result') }));
    ctx.on(change, () => ({ card: canary('update result') }), {
      validate: value => {
        if (value === 'refuse') throw new Error(canary('validator'));
      },
    });
    await ctx.run(fails, { card: input.card }).catch(() => undefined);
    await ctx.step('charge', () => ({ card: canary('step result') }));
    ctx.setDetails(canary('details'));
    await ctx.waitForSignal(note);
    const loser = ctx.step('slow', () => new Promise<void>(() => undefined));
    loser.cancel(canary('cancel reason'));
    await loser.catch(() => undefined);
    await ctx.sleep('1ms');
    return { card: canary('result') };
  },
);
const holds = workflow({ name: 'holds', onError: 'hold' }, () => {
  throw new SecretError(canary('held error'));
});
const ends = workflow({ name: 'ends' }, () => {
  throw new NonRetryableError(canary('workflow error'));
});
const waits = workflow({ name: 'waits', signals: [note] }, ctx => ctx.waitForSignal(note));
const otherwise = workflow({ name: 'waits' }, ctx => ctx.step('other', () => 1));

test('secrets planted in every field reach neither logs, spans nor metrics', async t => {
  const lines: string[] = [];
  const exporter = new InMemorySpanExporter();
  const options = {
    workflows: [pays, holds, ends, waits],
    store: `sqlite:${join(scratch(t), 'app.db')}`,
    deps: { password: canary('deps') },
    metrics: true,
    tracing: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    log: { write: (...entry) => void lines.push(inspect(entry, { depth: 20, showHidden: true })) },
  } satisfies NodeOptions;

  const node = await startNode(options);
  t.teardown(() => node.stop());
  const { client } = node;
  const paying = await client.start(
    pays,
    { card: canary('input') },
    {
      id: 'a',
      headers: { authorization: canary('header'), traceparent: canary('traceparent') },
      attributes: { tier: canary('attribute') },
      idempotencyKey: canary('key'),
    },
  );
  await paying.query(look, canary('query'));
  await paying.update(change, canary('update'));
  await t.throwsAsync(paying.update(change, 'refuse'), { code: 'UPDATE_REJECTED' });
  await t.throwsAsync(paying.signal(note, { card: { secret: canary('refused signal') } } as never), {
    code: 'VALIDATION',
  });
  await client.get('a').signal('undeclared', { card: canary('undeclared signal') });
  await paying.signal(note, { card: canary('signal') });
  await paying.result();
  await t.throwsAsync(paying.signal(note, { card: canary('late signal') }), { code: 'CLOSED' });
  await t.throwsAsync(client.execute(ends), { instanceOf: Error });
  await client.start(holds, undefined, { id: 'h' });
  await client.get('h').signal('undeclared', canary('signal to a held one'));
  const waiting = await client.start(waits, undefined, { id: 'w' });
  const cancelled = await client.start(waits, undefined, { id: 'c' });
  await cancelled.cancel(canary('reason'));
  const terminated = await client.start(waits, undefined, { id: 't' });
  await terminated.terminate(canary('reason'));
  const pages = [(await node.metrics()).text];
  await node.stop();

  // Its code fits no more: it is held, and says so.
  const second = await startNode({ ...options, workflows: [pays, holds, ends, otherwise] });
  t.teardown(() => second.stop());
  const error = await t.throwsAsync(second.client.get('w').update(change.name, canary('update of a held one')));
  t.true(error instanceof DfnsError && error.code === 'UNAVAILABLE');
  pages.push((await second.metrics()).text);

  t.true(planted > 25);
  t.is(waiting.id, 'w');
  // All three were at work.
  t.true(lines.some(line => line.includes('an execution is held')));
  t.true(exporter.getFinishedSpans().length > 10);
  const spans = exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, links, status }) => JSON.stringify({ name, attributes, events, links, status }));
  for (const told of [...lines, ...spans, ...pages]) t.notRegex(told, /s3cr3t/);
});

test('where standard error is no terminal lines are JSON, of what user code says too, and rejections keep their secrets', t => {
  const program = join(import.meta.dirname, 'programs', 'talks.ts');
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  t.is(status, 0, stderr);
  const lines = stderr.trimEnd().split('\n');
  const parsed = lines.map(line => JSON.parse(line) as Record<string, unknown>);
  const [rejected, fromStep, fromWorkflow] = [
    'a promise was rejected and nobody handles it yet',
    'in step',
    'in workflow',
  ].map(msg => parsed.find(line => line['msg'] === msg));
  t.like(rejected, { level: 'warn', executionId: 'a', error: 'SecretError' });
  t.like(fromStep, {
    level: 'debug',
    namespace: 'default',
    executionId: 'a',
    workflow: 'talks',
    task: 'step',
    attempt: 1,
  });
  t.like(fromWorkflow, { level: 'info', traceId: '0af7651916cd43dd8448eb211c80319c', n: 1 });
  for (const line of parsed) {
    t.is<unknown, unknown>(new Date(String(line['time'])).toISOString(), line['time']);
    t.is(line['node'], parsed[0]?.['node']);
  }
  t.notRegex(stderr, /s3cr3t/);
});
