import { query, signal, task, workflow } from '@dfnsjs/actor-core';
import test from 'ava';
import { mockTask } from './mocks/task.ts';
import { verifyDurable } from './verify-durable.ts';

const go = signal<'go', string>('go');
const seen = query<'seen', void, number>('seen');

test('a durable workflow comes to the same wherever it is lost', async t => {
  const order = workflow({ name: 'order', signals: [go], queries: [seen] }, async (ctx, items: readonly string[]) => {
    const done: unknown[] = [];
    ctx.on(seen, () => done.length);
    for (const item of items) done.push(await ctx.step(item, () => ({ item, at: new Map([[item, 1]]) })));
    const raced = await ctx.race({ go: c => c.waitForSignal(go), late: c => c.sleep('1h') });
    await ctx.sleep('1d');
    const all = await ctx.map([1, 2, 3], (n, _, c) => c.step(`item ${n}`, () => n * 2), { concurrency: 2 });
    return { done, raced, all, random: ctx.random(), id: ctx.uuid(), at: ctx.now() };
  });
  const result = await verifyDurable(order, ['a', 'b'], { signals: [{ signal: go, payload: 'now', after: '1m' }] });
  t.is(result.done.length, 2);
  t.deepEqual(result.raced, { key: 'go', value: 'now' });
  t.deepEqual(result.all, [2, 4, 6]);
});

test('one that counts outside of its journal is found, and where', async t => {
  let calls = 0;
  const fickle = workflow({ name: 'fickle' }, async ctx => {
    await ctx.step('first', () => 1);
    await ctx.step(`call ${++calls}`, () => 2);
    await ctx.sleep(1);
  });
  const error = await t.throwsAsync(verifyDurable(fickle, undefined), { code: 'NON_DETERMINISM' });
  t.regex(error.message, /step "call \d"/);
});

test('one whose result depends on what was never recorded is found', async t => {
  let lives = 0;
  const fickle = workflow({ name: 'fickle-result' }, async ctx => {
    const life = ++lives;
    await ctx.sleep(1);
    return life;
  });
  await t.throwsAsync(verifyDurable(fickle, undefined), {
    code: 'NON_DETERMINISM',
    message: /came to \d, with a loss after message 1 \(start\) to \d\..*dfns\/lint/,
  });
});

test('a failure is the same failure wherever the workflow is lost, and is passed on', async t => {
  const failing = workflow({ name: 'failing' }, async ctx => {
    await ctx.sleep(5);
    throw new RangeError('too far');
  });
  await t.throwsAsync(verifyDurable(failing, undefined), { message: /too far/ });
});

test('losses at continue-as-new, in loops over signals and in async generators change nothing', async t => {
  const counter = workflow({ name: 'counter', signals: [go] }, async (ctx, state: { left: number; got: string[] }) => {
    async function* two() {
      for (let i = 0; i < 2; i++) yield await ctx.waitForSignal(go);
    }
    for await (const each of two()) state.got.push(each);
    if (state.left > 0) return ctx.continueAsNew({ left: state.left - 1, got: state.got });
    return state.got;
  });
  const signals = ['a', 'b', 'c', 'd', 'e', 'f'].map(payload => ({ signal: go, payload, after: 10 }));
  t.deepEqual(await verifyDurable(counter, { left: 2, got: [] }, { signals }), ['a', 'b', 'c', 'd', 'e', 'f']);
});

test('a signal that is missing is told at once, and not for each boundary', async t => {
  const waits = workflow({ name: 'waits', signals: [go] }, async ctx => {
    for (let i = 0; i < 20; i++) await ctx.sleep(1);
    return ctx.waitForSignal(go);
  });
  await t.throwsAsync(verifyDurable(waits, undefined), { code: 'STUCK', message: /waits for signal "go"/ });
});

test('what comes back another way is told with the message before the loss, and what was asked for before', async t => {
  let lives = 0;
  const fickle = workflow({ name: 'fickle-order' }, async ctx => {
    const life = ++lives;
    await ctx.step('first', () => 1);
    await ctx.sleep(1);
    // Not asked for while it is replayed: the difference comes after.
    await ctx.step(life > 2 ? 'late' : 'early', () => 1);
  });
  const error = await t.throwsAsync(verifyDurable(fickle, undefined), { code: 'NON_DETERMINISM' });
  t.regex(error.message, /asked for step "early", with a loss after message \d \([a-z-]+\) for step "late"/);
  t.regex(error.message, /Before it: step "first", sleep\./);
});

test('mocks answer in every life', async t => {
  const charging = mockTask(charge).returns('ch_1');
  const order = workflow({ name: 'order' }, async ctx => [await ctx.run(charge), await ctx.sleep(1)]);
  t.deepEqual(await verifyDurable(order, undefined, { mocks: [charging] }), ['ch_1', undefined]);
  t.true(charging.calls.length > 1);
});

const charge = task({ name: 'charge' }, (): string => 'never');
