import { signal, workflow, type DfnsError } from 'dfns';
import { onEachStore } from './on-each-store.ts';

const go = signal('go');
const naps = workflow({ name: 'naps' }, async (ctx, count: number) => {
  const begun = ctx.now();
  await Promise.all(Array.from({ length: count }, (_, n) => ctx.sleep(n % 20)));
  return ctx.now() - begun;
});

onEachStore(
  'timer-basic, timer-many: 2,000 sleeps each wake, none early',
  { workflows: [naps] },
  async (t, { client }) => {
    const slept = await Promise.all([client.execute(naps, 1_000), client.execute(naps, 1_000)]);
    for (const ms of slept) t.true(ms >= 19);
  },
);

const many = workflow({ name: 'many' }, ctx => ctx.sleep(20));

onEachStore(
  'timer-many: sleeps of actors that leave memory wake by the due scan',
  { workflows: [many], sticky: false },
  async (t, { client }) => {
    const handles = await Promise.all(Array.from({ length: 300 }, () => client.start(many)));
    await Promise.all(handles.map(handle => handle.result()));
    t.is((await client.count({ status: 'completed' })).count, 300);
  },
);

const century = workflow({ name: 'century', signals: [go] }, async ctx => {
  const { key } = await ctx.race({ slept: c => c.sleep('5000d'), went: c => c.waitForSignal(go) });
  return key;
});

onEachStore(
  'timer-long, timer-race-signal: a sleep over 2^31 ms holds, is shown, and loses to a signal',
  { workflows: [century] },
  async (t, { client }) => {
    const handle = await client.start(century);
    const { waiting, startedAt } = await handle.describe();
    const until = waiting.find(({ kind }) => kind === 'timer')?.until ?? 0;
    t.true(until >= startedAt.getTime() + 5_000 * 86_400_000);
    await handle.signal(go);
    t.is(await handle.result(), 'went');
  },
);

const patient = workflow({ name: 'patient', timeout: 1_000, signals: [go] }, async ctx => {
  try {
    return await ctx.waitForSignal(go);
  } finally {
    await ctx.shielded(async c => {
      await c.step('clean up', () => undefined);
      c.setDetails('cleaned up');
    });
  }
});

onEachStore(
  'timeout-execution: finally runs, then it is timed out; in time it completes',
  { workflows: [patient] },
  async (t, { client }) => {
    const late = await client.start(patient);
    await t.throwsAsync(late.result(), { code: 'TIMEOUT' });
    t.like(await late.describe(), { status: 'timed-out', details: 'cleaned up' });
    const early = await client.start(patient);
    await early.signal(go);
    await early.result();
    t.is((await early.describe()).status, 'completed', 'timeout-execution-not-reached');
  },
);

const clocked = workflow({ name: 'clocked', signals: [go] }, async ctx => {
  const before = [ctx.now(), ctx.random(), ctx.uuid()];
  await ctx.waitForSignal(go);
  return { before, after: [ctx.now(), ctx.random(), ctx.uuid()] };
});

onEachStore(
  'det-uuid-random-now: the same after replay, another in another run',
  { workflows: [clocked], sticky: false },
  async (t, { client }) => {
    const outcomes: { before: unknown[]; after: unknown[] }[] = [];
    for (let n = 0; n < 2; n++) {
      const handle = await client.start(clocked);
      await handle.signal(go);
      outcomes.push(await handle.result());
    }
    const chances = outcomes.flatMap(({ before, after }) => [before[1], after[1], before[2], after[2]]);
    t.is(new Set(chances).size, 8);
    for (const { before, after } of outcomes) t.true(Number(after[0]) >= Number(before[0]));
  },
);

const cancelled = workflow({ name: 'cancelled', signals: [go] }, async (ctx, stubborn: boolean) => {
  try {
    await ctx.sleep('1h');
  } catch (error) {
    const outer = await (async () => ctx.step('outer', () => 1))().catch((e: DfnsError) => e.code);
    await ctx.shielded(async c => {
      await c.step('inner', () => undefined);
      c.setDetails(`${(error as DfnsError).code}, then ${String(outer)}`);
    });
    if (!stubborn) throw error;
  }
  return 'went on';
});

onEachStore(
  'cancel-basic, cancel-cleanup: the wait rejects, shielded runs, the outer ctx throws at once',
  { workflows: [cancelled] },
  async (t, { client }) => {
    const handle = await client.start(cancelled, false);
    await handle.cancel('no longer wanted');
    const error = await t.throwsAsync(handle.result(), { code: 'CANCELLED' });
    t.like(error, { details: { reason: 'no longer wanted' } });
    t.like(await handle.describe(), { status: 'cancelled', details: 'CANCELLED, then CANCELLED' });
    const stubborn = await client.start(cancelled, true);
    await stubborn.cancel();
    t.is(await stubborn.result(), 'went on');
  },
);

onEachStore('terminate: ends at once, and no code runs', { workflows: [cancelled] }, async (t, { client }) => {
  const handle = await client.start(cancelled, true);
  await handle.terminate('enough');
  await t.throwsAsync(handle.result(), { code: 'TERMINATED', message: /enough/ });
  const { status, details } = await handle.describe();
  t.deepEqual([status, details], ['terminated', undefined]);
});
