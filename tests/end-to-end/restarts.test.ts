import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { query, signal, startNode, task, workflow, type AnyWorkflow, type NodeOptions } from 'dfns';
import { Ledger } from './ledger.ts';
import { scratch } from './scratch.ts';
import { until } from './until.ts';

const go = signal<'go', number>('go');

/** Starts nodes one after the other on one file. */
function onOneFile(t: ExecutionContext) {
  const store = `sqlite:${join(scratch(t), 'app.db')}`;
  return async (workflows: readonly AnyWorkflow[], options: Partial<NodeOptions> = {}) => {
    const node = await startNode({ store, log: 'silent', drainTimeout: 0, workflows, ...options });
    t.teardown(() => node.stop());
    return node;
  };
}

const collects = workflow({ name: 'collects', signals: [go] }, async (ctx, count: number) => {
  const taken: number[] = [];
  ctx.on(query<'taken', void, number[]>('taken'), () => taken);
  while (taken.length < count) {
    taken.push(await ctx.waitForSignal(go));
    await ctx.step('note', () => undefined);
  }
  return taken;
});

test('stop-start, signal-recovery: all state is there, and a signal after the restart is taken once', async t => {
  const start = onOneFile(t);
  const first = await start([collects]);
  const { id } = await first.client.start(collects, 3);
  await first.client.get(collects, id).signal(go, 1);
  await first.stop();
  const second = await start([collects]);
  await second.client.get(collects, id).signal(go, 2);
  const both = await second.client.get(id).waitFor('taken', taken => (taken as number[]).length === 2);
  t.deepEqual(both, [1, 2]);
  await second.stop();
  const third = await start([collects]);
  const handle = third.client.get(collects, id);
  await handle.signal(go, 3);
  t.deepEqual(await handle.result(), [1, 2, 3]);
});

const sleeps = workflow({ name: 'sleeps' }, async ctx => {
  const begun = ctx.now();
  await ctx.sleep(40);
  return ctx.now() - begun;
});

test('timer-kill: a sleep goes on over a restart, and one that is past ends at once', async t => {
  const start = onOneFile(t);
  const first = await start([sleeps]);
  const { id } = await first.client.start(sleeps);
  await first.stop();
  const second = await start([sleeps]);
  t.true((await second.client.get(sleeps, id).result()) >= 40);
});

test('shutdown-drain: a body that ends in time is recorded, one that does not is aborted and runs again', async t => {
  const ledger = new Ledger(join(scratch(t), 'ledger'));
  const release = Promise.withResolvers<void>();
  let aborted = false;
  const ends = workflow({ name: 'ends' }, async ctx => {
    await ctx.step('ends', async () => {
      ledger.add('ends');
      await release.promise;
    });
    return 'ended';
  });
  const hangs = workflow({ name: 'hangs' }, ctx =>
    ctx.step('hangs', async t => {
      ledger.add('hangs');
      if (ledger.lines().filter(line => line === 'hangs').length > 1) return 'second';
      await new Promise(resolve => t.abortSignal.addEventListener('abort', resolve));
      aborted = true;
      return 'first';
    }),
  );
  const start = onOneFile(t);
  const first = await start([ends, hangs], { drainTimeout: '2s' });
  const [one, two] = [await first.client.start(ends), await first.client.start(hangs)];
  const waiting = one.result().catch((error: { code: string }) => error.code);
  await until(() => ledger.lines().length === 2);
  const stopped = first.stop();
  t.is(await first.client.start(ends).catch((error: { code: string }) => error.code), 'UNAVAILABLE');
  release.resolve();
  await stopped;
  t.true(aborted);
  t.is(await waiting, 'ended');
  const second = await start([ends, hangs]);
  t.is(await second.client.get(two.id).result(), 'second');
  t.deepEqual(ledger.lines().sort(), ['ends', 'hangs', 'hangs']);
});

test('callers that wait when a node stops are told', async t => {
  const node = await onOneFile(t)([collects]);
  const handle = await node.client.start(collects, 1);
  const result = t.throwsAsync(handle.result(), { code: 'UNAVAILABLE' });
  await node.stop();
  await result;
});

const asWas = workflow({ name: 'changing', signals: [go] }, async ctx => {
  await ctx.step('first', () => undefined);
  return ctx.waitForSignal(go);
});
const changed = workflow({ name: 'changing', signals: [go] }, async ctx => {
  await ctx.step('renamed', () => undefined);
  return ctx.waitForSignal(go);
});

test('nondet-other-call, nondet-heal: held with both calls named; signals wait; right code goes on by itself', async t => {
  const start = onOneFile(t);
  const first = await start([asWas]);
  const { id } = await first.client.start(asWas);
  await until(async () => (await first.client.get(id).describe()).waiting[0]?.kind === 'signal');
  await first.stop();
  const second = await start([changed]);
  const handle = second.client.get(changed, id);
  await handle.signal(go, 7);
  await until(async () => (await handle.describe()).held !== undefined);
  const { held, status } = await handle.describe();
  t.is(status, 'running');
  t.is(held?.code, 'NON_DETERMINISM');
  t.regex(held?.message ?? '', /"first"[^]*"renamed"|"renamed"[^]*"first"/);
  await t.throwsAsync(handle.retry(), { code: 'NOT_RETRYABLE' });
  await second.stop();
  const third = await start([asWas]);
  t.is(await third.client.get(asWas, id).result(), 7);
});

test('version-missing: held with UNKNOWN_WORKFLOW, and goes on when the version is there', async t => {
  const start = onOneFile(t);
  const first = await start([collects]);
  const { id } = await first.client.start(collects, 1);
  await first.client.get(collects, id).describe();
  await first.stop();
  const second = await start([]);
  await second.client.get(id).signal('go', 5);
  t.is((await second.client.get(id).describe()).held?.code, 'UNKNOWN_WORKFLOW');
  await second.stop();
  const third = await start([collects]);
  t.deepEqual(await third.client.get(id).result(), [5]);
});

let broken = true;
const onHold = workflow({ name: 'on-hold', onError: 'hold' }, async () => {
  if (broken) throw new Error('not yet');
  return 'well';
});

test('onError hold: waits for retry, which goes on in the same run', async t => {
  const node = await onOneFile(t)([onHold]);
  const handle = await node.client.start(onHold);
  await until(async () => (await handle.describe()).held?.code === 'ON_ERROR');
  await t.throwsAsync(handle.retry(), { code: 'NOT_RETRYABLE' });
  broken = false;
  await handle.retry();
  t.is(await handle.result(), 'well');
  t.is((await handle.describe()).runId, handle.runId);
});

test('a second process on the same file is told so', async t => {
  const folder = scratch(t);
  const store = `sqlite:${join(folder, 'app.db')}`;
  const node = await startNode({ workflows: [], store, log: 'silent' });
  t.teardown(() => node.stop());
  await t.throwsAsync(startNode({ workflows: [], store }), { code: 'UNAVAILABLE', message: /in use/ });
  const program = join(import.meta.dirname, 'programs/one-step.ts');
  const { status, stderr } = spawnSync(process.execPath, [program, store, join(folder, 'l'), '1'], {
    encoding: 'utf8',
  });
  t.is(status, 1);
  t.regex(stderr, /app\.db" is in use/);
});

test('duplicate-name: two workflows of one name and version are refused, with both files named', async t => {
  const other = workflow({ name: 'sleeps' }, async () => undefined);
  const error = await t.throwsAsync(startNode({ workflows: [sleeps, other] }), { code: 'VALIDATION' });
  t.is(error.message.match(/restarts\.test\.ts:\d+/g)?.length, 2);
  const named = (name: string) => task({ name }, () => undefined);
  await t.throwsAsync(startNode({ workflows: [], tasks: [named('a'), named('a')] }), { code: 'VALIDATION' });
});
