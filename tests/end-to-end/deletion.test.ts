import { signal, workflow, type DfnsError } from 'dfns';
import { onEachStore } from './on-each-store.ts';

const codeOf = (error: DfnsError) => error.code;
const go = signal('go');
const counter = workflow(
  { name: 'counter', signals: [go], attributes: { tier: 'keyword' } },
  async (ctx, n: number): Promise<number> => {
    ctx.setAttributes({ tier: 'gold' });
    if (n < 3) return ctx.continueAsNew(n + 1);
    await ctx.waitForSignal(go);
    return n;
  },
);

onEachStore('delete: one that has ended, all its runs', { workflows: [counter] }, async (t, { client }) => {
  const handle = await client.start(counter, 1, { id: 'c', idempotencyKey: 'k' });
  const other = await client.start(counter, 3, { id: 'other' });
  t.is(await handle.delete().catch(codeOf), 'ALREADY_RUNNING');
  await handle.signal(go);
  await handle.result();
  await handle.delete();
  t.is(await handle.delete().catch(codeOf), 'NOT_FOUND');
  t.is(await handle.describe().catch(codeOf), 'NOT_FOUND');
  const ids = [];
  for await (const { id } of client.list({ attributes: { tier: 'gold' } })) ids.push(id);
  t.deepEqual(ids, ['other']);
  const again = await client.start(counter, 3, { id: 'c', reuse: 'never', idempotencyKey: 'k' });
  t.false(again.existing);
  await again.signal(go);
  t.is(await again.result(), 3);
  await other.terminate();
});
