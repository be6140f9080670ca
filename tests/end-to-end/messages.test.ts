import { query, signal, update, workflow, type DfnsError } from 'dfns';
import { z } from 'zod';
import { onEachStore } from './on-each-store.ts';
import { until } from './until.ts';

const note = signal('note', { input: z.object({ text: z.string().trim() }) });
const stop = signal('stop');
const count = query('count', { input: z.number().default(0), output: z.number() });
const add = update('add', { input: z.number(), output: z.number() });
const slowAdd = update<'slow-add', number, number>('slow-add');

const notebook = workflow(
  { name: 'notebook', signals: [note, stop], queries: [count], updates: [add, slowAdd] },
  async ctx => {
    const notes: string[] = [];
    let sum = 0;
    ctx.on(count, more => notes.length + more);
    ctx.on(add, n => (sum += n), {
      validate(n) {
        if (n < 0) throw new Error('only up');
      },
    });
    ctx.on(slowAdd, async n => {
      if (n === 13) throw new RangeError('unlucky');
      await ctx.sleep(5);
      const more = await ctx.step('plus one', () => n + 1);
      return (sum += more);
    });
    for (;;) {
      const received = await ctx.waitForSignal([note, stop]);
      if (received.signal === 'stop') return { notes, sum };
      notes.push(received.payload.text);
    }
  },
);
const options = { workflows: [notebook] };
const codeOf = (error: DfnsError) => error.code;

onEachStore('signal-basic, signal-before-wait: in order, parsed at the door', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  await Promise.all(Array.from({ length: 50 }, (_, n) => handle.signal(note, { text: ` ${n} ` })));
  await handle.signal('stop');
  const { notes } = await handle.result();
  t.deepEqual(
    notes,
    Array.from({ length: 50 }, (_, n) => String(n)),
  );
});

onEachStore('signal-external, signal-closed, query-unknown-name: refused by code', options, async (t, { client }) => {
  t.is(await client.get(notebook, 'nobody').signal(stop).catch(codeOf), 'NOT_FOUND');
  const handle = await client.start(notebook);
  await handle.signal(stop);
  await handle.result();
  t.is(await handle.signal(stop).catch(codeOf), 'CLOSED');
  t.is(await handle.update(add, 1).catch(codeOf), 'CLOSED');
  t.is(await handle.cancel().catch(codeOf), 'CLOSED', 'cancel-closed');
  t.like((await handle.describe()).result, { notes: [] });
});

onEachStore('an undeclared signal is accepted unchecked', options, async (t, { client }) => {
  const handle = client.get((await client.start(notebook)).id);
  await handle.signal('unheard-of', { anything: new Map() });
  await handle.signal('stop');
  t.like(await handle.result(), { notes: [] });
});

onEachStore('query-basic, query-closed, query-no-history', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  await handle.signal(note, { text: 'one' });
  t.is(await handle.waitFor(count, n => n === 1), 1);
  const { turns } = await handle.describe();
  t.is(await handle.query(count, 10), 11);
  t.is(await handle.query(count, 0, { atTurn: 1 }), 0);
  t.is((await handle.describe()).turns, turns);
  await handle.signal(stop);
  await handle.result();
  t.is(await handle.query(count), 1);
});

onEachStore('query-unknown-name, query-bad-input, update-undeclared', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  const untyped = client.get(handle.id);
  const unknown = await t.throwsAsync(untyped.query('cuont'), { code: 'NOT_FOUND' });
  t.regex(unknown.message, /count/);
  const update = await t.throwsAsync(untyped.update('ad', 1), { code: 'NOT_FOUND' });
  t.regex(update.message, /slow-add/);
  t.is(await untyped.query('count', 'x').catch(codeOf), 'VALIDATION');
  t.is(await untyped.update('add', 'x').catch(codeOf), 'VALIDATION');
  t.is(await untyped.signal('note', 'x').catch(codeOf), 'VALIDATION');
  t.is((await handle.describe()).status, 'running');
});

onEachStore('update-basic, update-no-trace, update-failure, update-tasks', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  t.is(await handle.update(add, 2), 2);
  const { turns, bytes } = await handle.describe();
  const refused = await t.throwsAsync(handle.update(add, -1), { code: 'UPDATE_REJECTED' });
  t.regex(refused.message, /only up/);
  t.like(await handle.describe(), { turns, bytes });
  const failed = await t.throwsAsync(handle.update(slowAdd, 13), { code: 'UPDATE_FAILED' });
  t.regex(failed.message, /unlucky/);
  t.true(failed.cause instanceof RangeError);
  t.is(await handle.update(slowAdd, 3), 6);
});

onEachStore('update-concurrent: handlers interleave only at awaits', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  const sums = await Promise.all(Array.from({ length: 8 }, () => handle.update(slowAdd, 0)));
  t.deepEqual(
    sums.sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
});

onEachStore('waitFor on an execution that ended otherwise is CLOSED', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  const waiting = handle.waitFor(count, n => n === 5).catch(codeOf);
  await handle.signal(stop);
  t.is(await waiting, 'CLOSED');
});

onEachStore('a call can be given up, and what it asked for goes on', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  await t.throwsAsync(handle.result({ timeout: 5 }), { code: 'TIMEOUT' });
  const gone = new AbortController();
  const result = handle.result({ abortSignal: gone.signal });
  gone.abort(new Error('enough'));
  await t.throwsAsync(result, { message: 'enough' });
  await handle.signal(stop);
  t.like(await handle.result(), { notes: [] });
});

const relay = workflow({ name: 'relay' }, async (ctx, to: string) => {
  for (const text of ['a', 'b', 'c']) await ctx.execution(notebook, to).signal(note, { text });
  await ctx.execution(notebook, to).signal(stop);
  return ctx
    .execution('nobody')
    .signal(stop)
    .catch((error: DfnsError) => error.code);
});

onEachStore(
  'signal-workflow-to-workflow: delivered once, in order; to nobody is NOT_FOUND',
  { workflows: [notebook, relay], sticky: false },
  async (t, { client }) => {
    const handle = await client.start(notebook);
    t.is(await client.execute(relay, handle.id), 'NOT_FOUND');
    t.deepEqual((await handle.result()).notes, ['a', 'b', 'c']);
  },
);

const patient = workflow({ name: 'patient', signals: [note] }, async ctx => {
  const late = await ctx.waitForSignal(note, { timeout: 5 }).catch((error: DfnsError) => error.code);
  const other = await ctx.waitForSignal(note, { timeout: 5, else: { text: 'else' } });
  return [late, other.text, (await ctx.waitForSignal(note)).text];
});

onEachStore(
  'signal-timeout: TimeoutError or else; a later signal goes to the next waiter',
  { workflows: [patient] },
  async (t, { client }) => {
    const handle = await client.start(patient);
    await until(async () => {
      let waits = 0;
      for await (const { type } of handle.history()) if (type === 'signal-awaited') waits++;
      return waits === 3;
    });
    await handle.signal(note, { text: 'late' });
    t.deepEqual(await handle.result(), ['TIMEOUT', 'else', 'late']);
  },
);

const reader = workflow({ name: 'reader', signals: [note] }, async ctx => {
  const first: string[] = [];
  for await (const { text } of ctx.signals(note)) {
    first.push(text);
    if (first.length === 2) break;
  }
  return [...first, (await ctx.waitForSignal(note)).text];
});

onEachStore(
  'signal-loop-done: after a break unread signals remain for a later reader',
  { workflows: [reader] },
  async (t, { client }) => {
    const handle = await client.start(reader);
    for (const text of ['1', '2', '3']) await handle.signal(note, { text });
    t.deepEqual(await handle.result(), ['1', '2', '3']);
  },
);

onEachStore('reason-too-long: refused by its limit, and the execution goes on', options, async (t, { client }) => {
  const handle = await client.start(notebook);
  const reason = 'ß'.repeat(1_025);
  t.is(await handle.cancel(reason).catch(codeOf), 'LIMIT_EXCEEDED');
  t.is(await handle.terminate(reason).catch(codeOf), 'LIMIT_EXCEEDED');
  t.is((await handle.describe()).status, 'running');
  await handle.cancel('ß'.repeat(1_024));
  await t.throwsAsync(handle.result(), { code: 'CANCELLED' });
});
