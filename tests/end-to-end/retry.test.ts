import { NonRetryableError, signal, workflow, type DfnsError } from 'dfns';
import { onEachStore } from './on-each-store.ts';

const go = signal<'go', number>('go');
const codeOf = (error: DfnsError) => error.code;

const world = new Map<string, { broken: boolean; calls: string[] }>();
function worldOf(id: string) {
  let known = world.get(id);
  if (!known) world.set(id, (known = { broken: true, calls: [] }));
  return known;
}

const payment = workflow({ name: 'payment', signals: [go], timeout: '1h' }, async (ctx, of: string) => {
  const reserved = await ctx.step('reserve', () => worldOf(of).calls.push('reserve'));
  try {
    await ctx.step('charge', () => {
      const { calls, broken } = worldOf(of);
      calls.push('charge');
      if (broken) throw new NonRetryableError('no money');
    });
  } catch (error) {
    await ctx.step('tell', () => worldOf(of).calls.push('tell'));
    throw error;
  }
  return { reserved, sent: await ctx.waitForSignal(go) };
});

onEachStore(
  'retry: from the failure, in a new run; what stands is not done again',
  { workflows: [payment] },
  async (t, { client }) => {
    const handle = await client.start(payment, t.title, { id: 'p' });
    await t.throwsAsync(handle.result(), { message: /no money/ });
    t.is((await client.count({ status: 'failed' })).count, 1);
    worldOf(t.title).broken = false;
    const { runId } = await handle.retry();
    // It waits for the signal now.
    t.is(await handle.retry().catch(codeOf), 'NOT_RETRYABLE');
    t.deepEqual(worldOf(t.title).calls.slice(0, 3), ['reserve', 'charge', 'tell']);
    await handle.signal(go, 5);
    t.deepEqual(await handle.result(), { reserved: 1, sent: 5 });
    t.deepEqual(worldOf(t.title).calls, ['reserve', 'charge', 'tell', 'charge']);
    const { runs, status, runId: now } = await handle.describe();
    t.deepEqual([status, now], ['completed', runId]);
    t.deepEqual(
      runs.map(run => run.status),
      ['failed', 'completed'],
    );
    const listed = [];
    for await (const { id, status } of client.list()) listed.push([id, status]);
    t.deepEqual(listed, [['p', 'completed']]);
    t.is((await client.count({ status: 'failed' })).count, 0);
    const types = [];
    for await (const { type } of handle.history()) types.push(type);
    t.true(types.includes('reset'));
    t.is(await handle.retry().catch(codeOf), 'NOT_RETRYABLE');
    t.is(await client.get('nobody').retry().catch(codeOf), 'NOT_FOUND');
  },
);

onEachStore('retry: from the start', { workflows: [payment] }, async (t, { client }) => {
  const handle = await client.start(payment, t.title);
  await t.throwsAsync(handle.result());
  worldOf(t.title).broken = false;
  await handle.retry({ from: 'start' });
  await handle.signal(go, 1);
  t.like(await handle.result(), { reserved: 4 });
  t.is(await handle.retry({ from: 'begin' as 'start' }).catch(codeOf), 'VALIDATION');
});
