import test from 'ava';
import type { WorkflowContext } from '../context/workflow-context.ts';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { task } from '../definition/task.ts';
import { update } from '../definition/update.ts';
import { encode } from '../payload/encode.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal<'go', number>('go');
const add = update<'add', number, number>('add');
const stage = query<'stage', void, number>('stage');
const w = (run: (ctx: WorkflowContext) => unknown, onError: 'fail' | 'hold' = 'fail') =>
  workflow({ name: 'w', updates: [add], queries: [stage], onError }, run);

/** As of code outside this package, whose lines alone are told. */
function typo(line: number): TypeError {
  const error = new TypeError('order.totl is not a function');
  error.stack = `${String(error)}\n    at price (file:///app/order.ts:${line}:5)`;
  return error;
}

const right = w(async ctx => {
  let at = 0;
  ctx.on(stage, () => at);
  ctx.on(add, async n => (await ctx.step('add', () => n)) + 1);
  ctx.on(go, async () => (at = await ctx.step('go', () => 7)));
  at = await ctx.step('a', () => 1);
  await ctx.condition(() => at === 9);
});

const TYPO = /TypeError: order\.totl is not a function \(\/app\/order\.ts:3:5\)/;

for (const [title, broken] of [
  [
    'the function',
    w(() => {
      throw typo(3);
    }),
  ],
  ['the function, which onError would hold', w(() => Promise.reject(typo(3)), 'hold')],
  [
    'a part that nobody awaits',
    w(ctx => {
      void ctx.scope(() => Promise.reject(typo(3)));
    }),
  ],
  [
    "an update's handler",
    w(async ctx => {
      ctx.on(add, () => {
        throw typo(3);
      });
      ctx.on(go, async () => void (await ctx.step('go', () => 7)));
      await ctx.step('a', () => 1);
      await ctx.condition(() => false);
    }),
  ],
  [
    "a signal's handler",
    w(async ctx => {
      ctx.on(add, async n => (await ctx.step('add', () => n)) + 1);
      ctx.on(go, () => {
        throw typo(3);
      });
      await ctx.step('a', () => 1);
      await ctx.condition(() => false);
    }),
  ],
] as const) {
  test(`what ${title} throws since an edit is told by the hold, with its line, and is not logged`, async t => {
    const node = new FakeNode([right]);
    await node.start('w');
    await node.signal('go', 1);
    t.is(await node.update('add', 1), 2);
    await node.restart({ workflows: [broken] });
    await node.engine.glimpseCommitted('default', 'a');
    const { held } = node.row();
    t.is(held?.code, 'NON_DETERMINISM');
    t.regex(held!.message, /the history has (step|condition)/);
    t.regex(held!.message, TYPO);
    const told = node.lines.find(line => line.message === 'an execution is held');
    t.like(told?.fields, { code: 'NON_DETERMINISM', error: 'TypeError', line: '/app/order.ts:3:5' });
    t.notRegex(JSON.stringify(told), /totl/);
    await node.restart({ workflows: [right], heals: true });
    t.is(node.row().held, null);
    t.is(await node.query('stage'), 7);
  });
}

test('a failure that the history has is not taken for one of the edit', async t => {
  const failing = task({ name: 'failing', retry: { maxAttempts: 1 } }, () => {
    throw typo(3);
  });
  const fails = (goesOn: boolean) =>
    w(async ctx => {
      const lost = ctx.run(failing, undefined);
      await ctx.waitForSignal(go);
      await (goesOn ? ctx.step('a', () => 1) : new Promise(() => undefined));
      await ctx.waitForSignal(go);
      await lost;
    });
  const node = new FakeNode([fails(true)]);
  await node.start('w');
  await node.signal('go', 1);
  await node.restart({ workflows: [fails(false)] });
  await node.engine.glimpseCommitted('default', 'a');
  const { held } = node.row();
  t.regex(held!.message, /the history has step "a", the code asked for nothing\. /);
});

const ask = (node: FakeNode, name: string) => node.engine.query('default', 'a', name, encode(undefined, 'input'));

for (const [title, broken, why] of [
  [
    'another first step',
    w(async ctx => {
      ctx.on(stage, () => 1);
      await ctx.step('b', () => 1);
    }),
    /is held \(NON_DETERMINISM\).*the history has step "a", the code asked for step "b"/,
  ],
  [
    'a throw before its handlers',
    w(() => {
      throw typo(3);
    }),
    /is held \(NON_DETERMINISM\).*totl is not a function/,
  ],
  ['no workflow of its name', workflow({ name: 'other' }, () => 1), /is held \(UNKNOWN_WORKFLOW\).*is not registered/],
] as const) {
  test(`a query of an execution whose code has ${title} is told that it is held, and why`, async t => {
    const node = new FakeNode([right]);
    await node.start('w');
    await node.restart({ workflows: [broken] });
    for (const name of ['stage', 'stage', 'unheard-of']) {
      const error = await t.throwsAsync(ask(node, name), { code: 'UNAVAILABLE', message: why });
      t.notRegex(error.message, /There is no query/);
    }
    await node.restart({ workflows: [right], heals: true });
    t.is(await node.query('stage'), 1);
  });
}

for (const readsBack of [false, true]) {
  test(`a signal, a cancellation and attributes are told that the execution is held${readsBack ? ' (read back)' : ''}`, async t => {
    const node = new FakeNode([right]);
    await node.start('w');
    const send = () => [
      node.engine.signal('default', 'a', 'go', encode(1, 'payload'), node.messageId()),
      node.engine.amend('default', 'a', [['tier', 'gold']], node.messageId()),
      node.engine.cancel('default', 'a', 'enough', node.messageId()),
    ];
    t.is(await node.engine.signal('default', 'a', 'go', encode(1, 'payload'), node.messageId()), undefined);
    await node.restart({ workflows: [w(ctx => ctx.sleep(1))] });
    if (!readsBack) {
      await node.engine.glimpseCommitted('default', 'a');
      t.is(node.row().held?.code, 'NON_DETERMINISM');
    }
    const told = await Promise.all(send());
    t.deepEqual(
      told.map(held => held?.code),
      ['NON_DETERMINISM', 'NON_DETERMINISM', 'NON_DETERMINISM'],
    );
    t.regex(told[0]!.message, /the code asked for sleep/);
    await node.restart({ workflows: [right], heals: true });
    t.is(node.outcome().status, 'cancelled');
    t.is(node.store.inboxRows.size, 0);
  });
}

test('a query whose handler comes later is told so, whether or not the execution is held', async t => {
  const late = w(async ctx => {
    await ctx.waitForSignal(go);
    ctx.on(stage, () => 5);
    await ctx.waitForSignal(go);
    throw new Error('over');
  }, 'hold');
  const node = new FakeNode([late]);
  await node.start('w');
  for (const readsBack of [false, true]) {
    node.readsBack = readsBack;
    await t.throwsAsync(node.query('stage'), { code: 'NOT_FOUND', message: /has not come to ctx\.on/ });
    await t.throwsAsync(node.query('unheard-of'), { code: 'NOT_FOUND', message: /There is no query .*It has: stage/ });
  }
  await node.signal('go', 1);
  await node.signal('go', 2);
  t.is(node.row().held?.code, 'ON_ERROR');
  t.is(await node.query('stage'), 5);
  await t.throwsAsync(node.query('unheard-of'), { code: 'NOT_FOUND', message: /It has: stage/ });
});
