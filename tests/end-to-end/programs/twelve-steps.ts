import { setTimeout as pause } from 'node:timers/promises';
import { startNode, workflow } from 'dfns';
import { Ledger } from '../ledger.ts';
import { until } from '../until.ts';

/**
 * `twelve-steps.ts STORE LEDGER COUNT [STEPS]`: starts COUNT executions unless they are there; "all closed" when none is
 * open. It begins STEPS steps at most, and then waits to be killed.
 */
const [store = '', path = '', count = '0', steps = 'Infinity'] = process.argv.slice(2);
const ledger = new Ledger(path);
let begun = 0;

export const twelveSteps = workflow({ name: 'twelve-steps' }, async (ctx, input: { readonly n: number }) => {
  let sum = 0;
  for (let step = 0; step < 12; step++) {
    sum += await ctx.step(`step-${step}`, async () => {
      if (++begun > Number(steps)) await new Promise(() => undefined);
      ledger.add(`${input.n} ${step}`);
      await pause(5);
      return input.n * step;
    });
  }
  return sum;
});

const node = await startNode({ workflows: [twelveSteps], store, log: 'warn' });
for (let n = 0; n < Number(count); n++) {
  const options = { id: `twelve-${n}`, onConflict: 'use-existing', reuse: 'never' } as const;
  await node.client.start(twelveSteps, { n }, options).catch((error: { code?: string }) => {
    if (error.code !== 'ALREADY_EXISTS') throw error;
  });
}
await until(async () => (await node.client.count({ status: 'running' })).count === 0);
ledger.add('all closed');
