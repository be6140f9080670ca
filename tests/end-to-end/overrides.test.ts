import { TaskError, task, workflow, type DfnsError } from 'dfns';
import { z } from 'zod';
import { onEachStore } from './on-each-store.ts';
import { until } from './until.ts';

const codeOf = (error: DfnsError) => error.code;

const charge = task(
  {
    name: 'charge',
    output: z.object({ at: z.date() }),
    retry: { maxAttempts: 9, initial: '1h', max: '1h' },
  },
  (of: string): { at: Date } => {
    calls.push(of);
    throw new Error('down');
  },
);
const calls: string[] = [];

const payment = workflow({ name: 'payment', attributes: { tier: 'keyword', due: 'date' } }, async (ctx, of: string) => {
  try {
    return await ctx.run(charge, of);
  } catch (error) {
    if (error instanceof TaskError) return (error.cause as Error & { details?: unknown }).details;
    throw error;
  }
});
const options = { workflows: [payment] };

onEachStore('task-retry-now, task-complete, task-fail', options, async (t, { client }) => {
  const handle = await client.start(payment, t.title);
  const attempts = () => calls.filter(of => of === t.title).length;
  const inBackoff = async () => (await handle.describe()).waiting.some(each => each.nextAt !== undefined);
  await until(inBackoff);
  const before = attempts();
  await handle.retryTaskNow(1);
  await until(async () => attempts() === before + 1 && (await inBackoff()));
  t.is(await handle.completeTask(1, { at: 'now' }).catch(codeOf), 'VALIDATION');
  t.is(await handle.completeTask(2).catch(codeOf), 'NOT_FOUND');
  t.is(await handle.completeTask(0).catch(codeOf), 'VALIDATION');
  t.is(await handle.failTask(1, { text: 'x' } as never).catch(codeOf), 'VALIDATION');
  const at = new Date(5);
  await handle.completeTask(1, { at });
  t.deepEqual(await handle.result(), { at });
  const types = [];
  for await (const { type, reason } of handle.history()) if (type === 'task-overridden') types.push(reason);
  t.deepEqual(types, ['retry-now', 'complete']);

  const other = await client.start(payment, t.title);
  await other.failTask(1, { message: 'no', details: { by: 'mia' } });
  t.deepEqual(await other.result(), { by: 'mia' });
});

onEachStore('attributes: set from outside, found by them, checked', options, async (t, { client }) => {
  const handle = await client.start(payment, t.title, { attributes: { tier: 'silver' } });
  await handle.setAttributes({ tier: 'gold', due: new Date(7) });
  t.deepEqual((await handle.describe()).attributes, { tier: 'gold', due: new Date(7) });
  t.is((await client.count({ attributes: { tier: 'gold' } })).count, 1);
  t.is((await client.count({ attributes: { tier: 'silver' } })).count, 0);
  await handle.setAttributes({ due: null });
  t.deepEqual((await handle.describe()).attributes, { tier: 'gold' });
  const untyped = client.get(handle.id);
  t.is(await untyped.setAttributes({ teir: 'gold' }).catch(codeOf), 'VALIDATION');
  t.is(await untyped.setAttributes({ tier: 7 }).catch(codeOf), 'VALIDATION');
  t.is(await untyped.setAttributes('x' as never).catch(codeOf), 'VALIDATION');
  await handle.terminate();
  t.is(await handle.setAttributes({ tier: 'gold' }).catch(codeOf), 'CLOSED');
  t.is(await client.get('nobody').setAttributes({ tier: 'gold' }).catch(codeOf), 'NOT_FOUND');
});
