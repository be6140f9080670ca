import { workflow } from '@dfnsjs/actor-core';
import test from 'ava';
import crypto, { getRandomValues, randomBytes, randomInt, randomUUID, webcrypto } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import process, { hrtime, uptime } from 'node:process';
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { scheduler, setTimeout as wait } from 'node:timers/promises';
import { createTestCluster } from './test-cluster.ts';

const CALLS: Readonly<Record<string, readonly [call: () => unknown, instead: string]>> = {
  'randomUUID() of node:crypto': [() => randomUUID(), 'ctx.uuid()'],
  'randomBytes() of node:crypto': [() => randomBytes(8), 'ctx.random()'],
  'randomInt() of node:crypto': [() => crypto.randomInt(8) + randomInt(8), 'ctx.random()'],
  'randomFillSync() of node:crypto': [() => crypto.randomFillSync(new Uint8Array(1)), 'ctx.random()'],
  'crypto.randomUUID()': [() => webcrypto.randomUUID(), 'ctx.uuid()'],
  'crypto.getRandomValues()': [() => getRandomValues(new Uint8Array(1)), 'ctx.random()'],
  'performance.now()': [() => performance.now(), 'ctx.now()'],
  'setTimeout() of node:timers': [() => clearTimeout(setTimeout(() => undefined, 1)), 'ctx.sleep'],
  'setImmediate() of node:timers': [() => clearImmediate(setImmediate(() => undefined)), 'ctx.sleep'],
  'setTimeout() of node:timers/promises': [() => wait(1), 'ctx.sleep'],
  'scheduler.wait() of node:timers/promises': [() => scheduler.wait(1), 'ctx.sleep'],
  'hrtime() of node:process': [() => hrtime(), 'ctx.now()'],
  'hrtime.bigint() of node:process': [() => process.hrtime.bigint(), 'ctx.now()'],
  'uptime() of node:process': [() => uptime(), 'ctx.now()'],
};

const impure = workflow({ name: 'impure' }, async (ctx, call: string) => {
  CALLS[call]![0]();
  await ctx.step('pure', () => CALLS[call]![0]() !== null);
});

for (const [call, [make, instead]] of Object.entries(CALLS)) {
  test(`${call}, imported by name, is told to the workflow, with what ctx has for it`, async t => {
    const cluster = await createTestCluster({ workflows: [impure] });
    const error = await t.throwsAsync(cluster.client.execute(impure, call), { code: 'NON_DETERMINISM' });
    t.true(error.message.startsWith(`Workflow code called ${call}, `), error.message);
    t.true(error.message.endsWith(`Use ${instead}.`), error.message);
    t.notThrows(make);
    await cluster.stop();
  });
}

test.serial('a step may call them all, and where no cluster runs they are what they were', async t => {
  const before = [randomUUID, wait, hrtime, crypto.randomInt];
  const steps = workflow({ name: 'steps' }, ctx =>
    ctx.step('all', async () => {
      for (const [make] of Object.values(CALLS)) await make();
      return 'all';
    }),
  );
  const cluster = await createTestCluster({ workflows: [steps] });
  t.is(await cluster.client.execute(steps), 'all');
  t.not(before[0], randomUUID);
  await cluster.stop();
  t.deepEqual([randomUUID, wait, hrtime, crypto.randomInt], before);
});
