import { query, signal, update, workflow, type DfnsError } from 'dfns';
import { z } from 'zod';
import { onEachStore } from './on-each-store.ts';

const item = signal('item', { input: z.object({ name: z.string().trim() }) });
const done = signal('done');
const add = update('add', { input: z.number(), output: z.number() });
const count = query('count', { output: z.number() });

const basket = workflow(
  { name: 'basket', input: z.object({ of: z.string() }), signals: [item, done], queries: [count], updates: [add] },
  async (ctx, { of }) => {
    const items: string[] = [];
    let sum = 0;
    ctx.on(count, () => items.length);
    ctx.on(
      add,
      async n => {
        const more = await ctx.step('ask', () => n);
        return (sum += more);
      },
      {
        validate(n) {
          if (n < 0) throw new Error('only up');
        },
      },
    );
    for (;;) {
      const received = await ctx.waitForSignal([item, done]);
      if (received.signal === 'done') return { of, items, sum };
      items.push(received.payload.name);
    }
  },
);
const options = { workflows: [basket] };
const codeOf = (error: DfnsError) => error.code;

onEachStore('signal-with-start: starts once, then reaches what is there', options, async (t, { client }) => {
  const call = (name: string) =>
    client.signalWithStart(basket, { of: 'mia' }, { id: 'mia', signal: { name: item, payload: { name } } });
  const handles = await Promise.all(['a', ' b ', 'c'].map(call));
  t.is(handles.filter(handle => !handle.existing).length, 1);
  t.is(await handles[0]!.query(count), 3);
  await handles[1]!.signal(done);
  t.deepEqual((await handles[2]!.result()).items.sort(), ['a', 'b', 'c']);
  const next = await call('d');
  t.false(next.existing, 'the id of an ended execution is used again');
});

onEachStore('signal-with-start: an idempotent call is one call', options, async (t, { client }) => {
  const call = (name: string) =>
    client.signalWithStart<typeof basket>(
      'basket',
      { of: 'mia' },
      { id: 'mia', idempotencyKey: 'k', signal: { name: 'item', payload: { name } } },
    );
  const first = await call('a');
  t.is((await call('a')).runId, first.runId);
  t.is(await first.query(count), 1);
  t.is(await call('b').catch(codeOf), 'ALREADY_EXISTS');
  await first.signal(done);
  t.is((await call('a')).runId, first.runId);
});

onEachStore('signal-with-start, update-with-start: what is refused starts nothing', options, async (t, { client }) => {
  const untyped = client as unknown as Record<
    'signalWithStart' | 'updateWithStart',
    (name: string, input: unknown, options?: unknown) => Promise<unknown>
  >;
  const refused = (call: Promise<unknown>) => call.then(() => 'taken', codeOf);
  const signal = { name: 'item', payload: { name: 7 } };
  t.is(await refused(untyped.signalWithStart('basket', { of: 'x' }, { id: 'x', signal })), 'VALIDATION');
  t.is(await refused(untyped.signalWithStart('basket', { of: 'x' }, { id: 'x' })), 'VALIDATION');
  t.is(await refused(untyped.signalWithStart('basket', {}, { id: 'x', signal: { name: 'done' } })), 'VALIDATION');
  t.is(await refused(untyped.signalWithStart('baskt', {}, { signal: { name: 'done' } })), 'UNKNOWN_WORKFLOW');
  t.is(
    await refused(untyped.updateWithStart('basket', { of: 'x' }, { id: 'x', update: { name: 'add', input: 'x' } })),
    'VALIDATION',
  );
  t.is(await refused(client.get('x').describe()), 'NOT_FOUND');
});

onEachStore('update-with-start: answered long before the result', options, async (t, { client }) => {
  const first = await client.updateWithStart(basket, { of: 'mia' }, { id: 'mia', update: { name: add, input: 2 } });
  t.is(first.result, 2);
  t.false(first.handle.existing);
  const second = await client.updateWithStart(basket, { of: 'x' }, { id: 'mia', update: { name: 'add', input: 3 } });
  t.is(second.result, 5);
  t.true(second.handle.existing);
  await first.handle.signal(done);
  t.like(await first.handle.result(), { of: 'mia', sum: 5 });
});

onEachStore('update-accepted: the outcome is had by its id, after the end too', options, async (t, { client }) => {
  const handle = await client.start(basket, { of: 'mia' }, { id: 'mia' });
  const accepted = await handle.startUpdate(add, 4);
  t.is(await handle.startUpdate(add, -1).catch(codeOf), 'UPDATE_REJECTED');
  t.is(await accepted.result(), 4);
  await handle.signal(done);
  await handle.result();
  t.is(await client.get('mia').getUpdate(accepted.updateId).result(), 4);
  t.is(await client.get('mia').getUpdate('other').result().catch(codeOf), 'NOT_FOUND');
  t.is(await client.get('nobody').getUpdate('other').result().catch(codeOf), 'NOT_FOUND');
});
