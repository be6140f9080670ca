import { signal, workflow, type WorkflowContext } from '@dfnsjs/actor-core';
import { MemoryStore } from '@dfnsjs/storage/memory';
import { createTestCluster, verifyDurable } from '@dfnsjs/testing';
import test from 'ava';

test('a failure that is awaited late is no failure', async t => {
  const late = workflow({ name: 'late' }, async ctx => {
    const failing = ctx.step(
      'fails',
      (): never => {
        throw new Error('no');
      },
      { retry: { maxAttempts: 1 } },
    );
    await ctx.sleep('1h');
    return failing.catch((error: unknown) => (error as Error).message);
  });
  t.is(await verifyDurable(late, undefined), 'no');
});

test('a failure that nobody awaits fails the execution, and says which command', async t => {
  const never = workflow({ name: 'never' }, async ctx => {
    await ctx.sleep(1);
    void ctx.step(
      'fails',
      (): never => {
        throw new Error('unseen');
      },
      { retry: { maxAttempts: 1 } },
    );
    await ctx.sleep('1h');
    return 'fine';
  });
  const cluster = await createTestCluster({ workflows: [never] });
  const handle = await cluster.client.start(never);
  const error = await t.throwsAsync(handle.result());
  t.regex(error.message, /Command 2 .*unseen/);
  t.is((await handle.describe()).status, 'failed');
  await cluster.stop();
});

test('what a race cancels needs nobody to handle it', async t => {
  const raced = workflow({ name: 'raced' }, async ctx => {
    const { key } = await ctx.race({
      quick: c => c.sleep(1),
      slow: async c => {
        void c.sleep('1d');
        void c.condition(() => false);
        await c.sleep('1h');
      },
    });
    return key;
  });
  t.is(await verifyDurable(raced, undefined), 'quick');
});

test('a thrown string fails the execution with its text', async t => {
  const throws = workflow({ name: 'throws' }, async ctx => {
    await ctx.sleep(1);
    await Promise.reject('just text');
  });
  const error = await t.throwsAsync(verifyDurable(throws, undefined));
  t.regex(error.message, /just text/);
});

test('ctx after the end of its run throws CLOSED, and changes nothing', async t => {
  const kept: WorkflowContext[] = [];
  const leaks = workflow({ name: 'leaks' }, async ctx => {
    kept.push(ctx);
    await ctx.sleep(1);
    return 'over';
  });
  const cluster = await createTestCluster({ workflows: [leaks] });
  const handle = await cluster.client.start(leaks);
  t.is(await handle.result(), 'over');
  const { turns } = await handle.describe();
  t.throws(() => kept[0]!.sleep(1), { code: 'CLOSED' });
  await cluster.settle();
  t.is((await handle.describe()).turns, turns);
  await cluster.stop();
});

/** Waits for what is not from ctx, until somebody calls `release`. */
let release: (() => void) | undefined;
const foreign = workflow({ name: 'foreign' }, async ctx => {
  await ctx.step('before', () => 0);
  await new Promise<void>(resolve => {
    release = resolve;
  });
  return ctx.step('never', () => 1);
});

test.serial('in tests, a workflow that waits for a foreign promise fails with the line and what to do', async t => {
  const cluster = await createTestCluster({ workflows: [foreign] });
  const error = await t.throwsAsync(cluster.client.execute(foreign), { code: 'STUCK' });
  t.regex(error?.message ?? '', /ctx\.step .* Its last call of ctx: .*failures\.test\.ts:\d+:\d+$/);
  await cluster.stop();
});

test.serial('in production it is shown as stuck, warned of once, and lives on over a restart', async t => {
  const lines: string[] = [];
  const log = { write: (_: string, message: string) => void lines.push(message) };
  const cluster = await createTestCluster({ workflows: [foreign], determinism: 'warn', log });
  const handle = await cluster.client.start(foreign, undefined, { id: 'foreign' });
  await cluster.settle();
  const { stuck, status, held } = await handle.describe();
  t.is(status, 'running');
  t.is(held, undefined);
  t.is(stuck?.code, 'STUCK');
  t.is(lines.filter(line => line === stuck?.message).length, 1);
  await cluster.crash();
  t.is((await handle.describe()).stuck?.code, 'STUCK');
  await handle.cancel();
  await handle.terminate();
  t.is((await handle.describe()).stuck, undefined);
  await cluster.stop();
});

test.serial('one that a handler, an abort or a wait of dfns may resume is not taken for stuck', async t => {
  const go = signal('go');
  const handled = workflow({ name: 'handled', signals: [go] }, async ctx => {
    const { promise, resolve } = Promise.withResolvers<void>();
    ctx.on(go, () => resolve());
    await promise;
    return 'went';
  });
  const aborted = workflow({ name: 'aborted' }, ctx => {
    const { promise, resolve } = Promise.withResolvers<string>();
    ctx.abortSignal.addEventListener('abort', () => resolve('aborted'));
    return promise;
  });
  const sleeper = workflow({ name: 'sleeper' }, async ctx => {
    await ctx.sleep('1d');
    return 'slept';
  });
  const cluster = await createTestCluster({ workflows: [handled, aborted, sleeper] });
  const first = await cluster.client.start(handled);
  const second = await cluster.client.start(aborted);
  t.is(await cluster.client.execute(sleeper), 'slept');
  await first.signal(go);
  t.is(await first.result(), 'went');
  await second.cancel();
  t.is(await second.result(), 'aborted');
  await cluster.stop();
});

test.serial('a mode that changes under a stuck execution does not hold it', async t => {
  let now = () => 0;
  const memory = new MemoryStore({ clock: () => now() });
  const store = () => memory;
  const before = await createTestCluster({ workflows: [foreign], determinism: 'warn', store });
  now = () => before.now;
  await before.client.start(foreign, undefined, { id: 'foreign' });
  await before.settle();
  await before.stop();
  const other = await createTestCluster({ workflows: [foreign], determinism: 'throw', store, seed: 2 });
  const { held, stuck } = await other.client.get(foreign, 'foreign').describe();
  t.is(held, undefined);
  t.is(stuck?.code, 'STUCK');
  await other.stop();
});

test.serial('workflow code that asks the machine fails in tests, and is warned of once a place elsewhere', async t => {
  const impure = workflow({ name: 'impure' }, async ctx => {
    let sum = 0;
    for (let i = 0; i < 3; i++) {
      sum += Date.now();
      await ctx.step('beside', () => Date.now() + Math.random());
    }
    return sum > 0;
  });
  const strict = await createTestCluster({ workflows: [impure] });
  const error = await t.throwsAsync(strict.client.execute(impure), { code: 'NON_DETERMINISM' });
  t.regex(error?.message ?? '', /Date\.now\(\).*failures\.test\.ts:\d+:\d+.*ctx\.now\(\)/);
  await strict.stop();

  const lines: string[] = [];
  // A log that looks at the clock itself, as most do.
  const log = { write: (_: string, message: string) => void lines.push(`${new Date().getFullYear()} ${message}`) };
  const lenient = await createTestCluster({ workflows: [impure], determinism: 'warn', log });
  t.true(await lenient.client.execute(impure));
  t.true(await lenient.client.execute(impure));
  t.is(lines.filter(line => line.includes('Date.now()')).length, 1);
  t.is(lines.length, 1);
  await lenient.stop();

  const off = await createTestCluster({ workflows: [impure], determinism: 'off' });
  t.true(await off.client.execute(impure));
  await off.stop();
});

test.serial('a workflow that a foreign promise resumes in mid-turn is held, and its neighbour is not', async t => {
  const neighbour = workflow({ name: 'neighbour' }, async ctx => {
    for (let i = 0; i < 3; i++) await ctx.sleep(10);
    return 'fine';
  });
  const cluster = await createTestCluster({ workflows: [foreign, neighbour], determinism: 'warn' });
  const handle = await cluster.client.start(foreign, undefined, { id: 'foreign' });
  await cluster.settle();
  const beside = cluster.client.execute(neighbour);
  setImmediate(() => release!());
  t.is(await beside, 'fine');
  const { held, status } = await handle.describe();
  t.is(status, 'running');
  t.is(held?.code, 'NON_DETERMINISM');
  t.regex(held?.message ?? '', /outside its turn/);
  await cluster.stop();
});
