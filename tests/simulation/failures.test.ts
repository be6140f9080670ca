import { workflow, type WorkflowContext } from '@dfnsjs/actor-core';
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

test('a workflow that a foreign promise resumes in mid-turn is held, and its neighbour is not', async t => {
  let release: (() => void) | undefined;
  const foreign = workflow({ name: 'foreign' }, async ctx => {
    await new Promise<void>(resolve => {
      release = resolve;
    });
    return ctx.step('never', () => 1);
  });
  const neighbour = workflow({ name: 'neighbour' }, async ctx => {
    for (let i = 0; i < 3; i++) await ctx.sleep(10);
    return 'fine';
  });
  const cluster = await createTestCluster({ workflows: [foreign, neighbour] });
  const handle = await cluster.client.start(foreign, undefined, { id: 'foreign' });
  const beside = cluster.client.execute(neighbour);
  setImmediate(() => release!());
  t.is(await beside, 'fine');
  const { held, status } = await handle.describe();
  t.is(status, 'running');
  t.is(held?.code, 'NON_DETERMINISM');
  t.regex(held?.message ?? '', /outside its turn/);
  await cluster.stop();
});
