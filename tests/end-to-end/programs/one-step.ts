import { startNode, workflow } from 'dfns';
import { Ledger } from '../ledger.ts';
import { until } from '../until.ts';

/**
 * `one-step.ts STORE LEDGER COUNT`: starts COUNT executions whose only step hangs. With COUNT 0 it only looks on, and
 * writes "all closed" when none is open.
 */
const [store = '', path = '', count = '0'] = process.argv.slice(2);
const ledger = new Ledger(path);

export const oneStep = workflow({ name: 'one-step' }, async (ctx, input: { readonly n: number }) => {
  const squared = await ctx.step('square', async () => {
    ledger.add(`square ${input.n}`);
    if (count !== '0') await new Promise(() => undefined);
    return input.n ** 2;
  });
  await ctx.step('end', () => ledger.add(`end ${input.n}`));
  return squared;
});

const node = await startNode({ workflows: [oneStep], store, log: 'warn' });
await Promise.all(
  Array.from({ length: Number(count) }, (_, n) => node.client.start(oneStep, { n }, { id: `one-step-${n}` })),
);
if (count === '0') {
  await until(async () => (await node.client.count({ status: 'running' })).count === 0);
  ledger.add('all closed');
}
