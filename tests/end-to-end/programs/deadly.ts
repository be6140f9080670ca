import { setTimeout as pause } from 'node:timers/promises';
import { startNode, task, workflow } from 'dfns';
import { Ledger } from '../ledger.ts';
import { until } from '../until.ts';

/**
 * `deadly.ts STORE LEDGER KIND`: an execution that takes its process down in the way of KIND, beside others that take
 * longer than the process lives. Started again and again, it writes "held CODE" once the culprit is, and "all closed"
 * when the others are done.
 */
const [store = '', path = '', kind = ''] = process.argv.slice(2);
const ledger = new Ledger(path);

async function takeDown(): Promise<unknown> {
  if (kind === 'exit') process.exit(0);
  if (kind === 'kill') process.kill(process.pid, 'SIGKILL');
  if (kind === 'microtasks') for (;;) await Promise.resolve();
  const kept: number[][] = [];
  for (;;) if (kind === 'memory') kept.push(Array.from({ length: 1_000 }, (_, n) => n));
}

const deadly = workflow({ name: 'deadly' }, async ctx => {
  await ctx.sleep(200);
  return takeDown();
});
const deadlyTask = task({ name: 'deadly' }, (): never => {
  for (;;);
});
const deadlyBody = workflow({ name: 'deadly-body' }, ctx => ctx.run(deadlyTask));
const deadlyStart = workflow({ name: 'deadly-start' }, () => {
  for (;;);
});
const neighbour = workflow({ name: 'neighbour' }, async (ctx, n: number) => {
  await ctx.sleep(50);
  await ctx.step('long', async () => {
    ledger.add(`long ${n}`);
    await pause(2_500);
  });
  return n;
});

const workflows = [deadly, deadlyBody, deadlyStart, neighbour];
const shared = store.startsWith('postgres') ? { shards: 8, cluster: { lease: '2s' as const } } : {};
const node = await startNode({ workflows, store, onStall: 'kill', maxStall: '1s', log: 'error', ...shared });
const { client } = node;
const ids = { onConflict: 'use-existing', reuse: 'never' } as const;
const done = (error: { code?: string }) => {
  if (error.code !== 'ALREADY_EXISTS') throw error;
};
for (let n = 0; n < 5; n++) await client.start(neighbour, n, { id: `neighbour-${n}`, ...ids }).catch(done);
const culprit = kind === 'body' ? deadlyBody : kind === 'start' ? deadlyStart : deadly;
const handle = await client.start(culprit, undefined, { id: 'deadly', ...ids });
await until(async () => (await handle.describe()).held !== undefined);
const { held } = await handle.describe();
ledger.add(`held ${held?.code}`);
await until(async () => (await client.count({ status: 'completed' })).count === 5);
ledger.add('all closed');
await node.stop();
