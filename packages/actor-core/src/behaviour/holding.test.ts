import test from 'ava';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import type { WorkflowContext } from '../context/workflow-context.ts';
import type { Eid, MessageId, ShardId } from '../ids/ids.ts';
import { encodeMessage } from '../journal/record.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import { encode } from '../payload/encode.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal<'go', number>('go');
const add = update<'add', number, number>('add');
const count = query<'count', void, number>('count');
const w = (run: (ctx: WorkflowContext) => unknown) => workflow({ name: 'w', updates: [add], queries: [count] }, run);

const payload = (value: unknown) => encode(value, 'payload');

const steps = (...names: string[]) =>
  w(async ctx => {
    for (const name of names) await ctx.step(name, () => name);
    await ctx.waitForSignal(go);
    return names.length;
  });

for (const [title, other, expected, asked] of [
  ['another step', () => steps('a', 'c'), 'step "b"', 'step "c"'],
  ['a sleep', () => w(async ctx => (await ctx.step('a', () => 1), await ctx.sleep(1))), 'step "b"', 'sleep'],
  [
    'nothing',
    () => w(async ctx => (await ctx.step('a', () => 1), await new Promise(() => undefined))),
    'step "b"',
    'nothing',
  ],
  ['its end', () => w(async ctx => ctx.step('a', () => 1)), 'step "b"', 'end as completed'],
  ['its end at once', () => w(() => 1), 'step "a"', 'end as completed'],
  ['one more', () => w(ctx => Promise.all([ctx.step('a', () => 1), ctx.sleep(1)])), 'nothing', 'sleep'],
] as const) {
  test(`code that asks for ${title} instead is held as NON_DETERMINISM, and goes on with the right code`, async t => {
    const right = steps('a', 'b');
    const node = new FakeNode([right]);
    await node.start('w');
    const before = node.journalBytes();
    await node.restart({ workflows: [other()] });
    await node.engine.signal('default', 'a', 'go', payload(1), node.messageId());
    await node.settle();
    const { held } = node.row();
    t.is(held?.code, 'NON_DETERMINISM');
    t.regex(held!.message, new RegExp(`has ${expected}, the code asked for ${asked}`));
    t.deepEqual(node.journalBytes(), before);
    await node.restart({ workflows: [right], heals: true });
    t.deepEqual(node.outcome(), { status: 'completed', value: 2 });
    t.is(node.store.inboxRows.size, 0);
  });
}

test('a handler that is gone holds the execution, never the node', async t => {
  const handled = w(async ctx => {
    ctx.on(add, n => n);
    await ctx.waitForSignal(go);
  });
  const node = new FakeNode([handled]);
  await node.start('w');
  await node.update('add', 1);
  await node.restart({ workflows: [w(ctx => ctx.waitForSignal(go))] });
  await node.signal('go', 1);
  t.is(node.row().held?.code, 'NON_DETERMINISM');
});

test('signals to a held execution are kept and taken in order once it heals', async t => {
  const right = w(async ctx => {
    await ctx.step('s', () => 1);
    const got: number[] = [];
    for (let i = 0; i < 200; i++) got.push(await ctx.waitForSignal(go));
    return got;
  });
  const node = new FakeNode([right]);
  await node.start('w');
  await node.restart({ workflows: [w(ctx => ctx.sleep(1))] });
  const sent = Array.from({ length: 200 }, (_, i) => i);
  await node.engine.glimpseCommitted('default', 'a');
  const before = node.store.batches.length;
  await Promise.all(sent.map(i => node.engine.signal('default', 'a', 'go', payload(i), node.messageId())));
  t.is(node.store.inboxRows.size, 200);
  t.is(node.store.batches.length, before + 2, 'the first, and what came meanwhile');
  await t.throwsAsync(node.update('add', 1), { code: 'UNAVAILABLE', message: /held/ });
  await node.restart({ workflows: [right], heals: true });
  t.deepEqual(node.outcome().value, sent);
  t.is(node.store.inboxRows.size, 0);
  await node.replayAll();
});

test('queries of a held execution answer from its last good state; terminate ends it', async t => {
  let broken = false;
  const node = new FakeNode([
    w(async ctx => {
      let n = 0;
      ctx.on(count, () => n);
      for (;;) {
        await ctx.waitForSignal(go);
        n++;
        await ctx.step(broken && n === 2 ? 'other' : 's', () => 1);
      }
    }),
  ]);
  await node.start('w');
  await node.signal('go', 1);
  await node.signal('go', 2);
  broken = true;
  await node.restart();
  t.is(await node.query('count'), 1);
  t.is(node.row().held?.code, 'NON_DETERMINISM');
  const result = node.engine.result('default', 'a');
  await node.terminate('give up');
  t.is(node.outcome().status, 'terminated');
  t.is((await result).status, 'terminated');
});

test('a query that waits for a turn which is held instead is answered', async t => {
  const node = new FakeNode([
    w(async ctx => {
      ctx.on(count, () => 7);
      await ctx.waitForSignal(go);
      for (let i = 0; i < 10_001; i++) void ctx.sleep(1);
    }),
  ]);
  await node.start('w');
  const signalled = node.engine.signal('default', 'a', 'go', payload(1), node.messageId());
  const asked = node.engine.query('default', 'a', 'count', payload(undefined));
  await node.settle();
  t.is(node.row().held?.code, 'LIMIT_EXCEEDED');
  t.truthy(await asked);
  await t.notThrowsAsync(signalled);
});

test('retry of one that is held again says so', async t => {
  const node = new FakeNode([
    workflow({ name: 'w', onError: 'hold' }, async ctx => {
      await ctx.waitForSignal(go);
      throw new Error('still');
    }),
  ]);
  await node.start('w');
  await node.signal('go', 1);
  t.is(node.row().held?.code, 'ON_ERROR');
  await t.throwsAsync(node.engine.retry('default', 'a'), { code: 'NOT_RETRYABLE', message: /still/ });
  t.is(node.row().held?.code, 'ON_ERROR');
});

for (const [title, damage] of [
  [
    'a turn',
    (node: FakeNode) =>
      node.store.runs
        .get(node.row().eid)!
        .journal.splice(0, 1, { seq: 1, turn: Uint8Array.of(0xc1, 9), commitId: 'x' }),
  ],
  [
    'what was carried over',
    (node: FakeNode) => (node.store.runs.get(node.row().eid)!.run = { ...node.row(), carry: Uint8Array.of(0xc1) }),
  ],
  [
    'an inbox row',
    (node: FakeNode) =>
      node.store.inboxRows.set('x', {
        shard: 0 as ShardId,
        receiver: node.row().first,
        accepted: 1,
        sender: 0,
        number: 1,
        message: Uint8Array.of(0xc1),
      }),
  ],
  [
    'the input',
    (node: FakeNode) =>
      (node.store.runs.get(node.row().eid)!.run = { ...node.row(), input: Uint8Array.of(1, 0xc1) as never }),
  ],
] as const) {
  test(`a damaged record (${title}) holds its execution as INTERNAL, the node lives`, async t => {
    const node = new FakeNode([steps('a')]);
    await node.start('w', 1);
    await node.start('w', 1, { id: 'b' });
    damage(node);
    await node.restart();
    await node.engine.query('default', 'a', 'count', payload(1)).catch(() => undefined);
    t.is(node.row().held?.code, 'INTERNAL');
    await node.signal('go', 1, { id: 'b' });
    t.is(node.outcome('b').status, 'completed');
  });
}

for (const [title, lane] of [
  ['comes while a held execution is being read back', 'free'],
  ['becomes a row once a held execution has been read back', 'busy'],
] as const) {
  test(`a signal that ${title} is taken`, async t => {
    const right = w(async ctx => {
      await ctx.step('s', () => 1);
      return [await ctx.waitForSignal(go), await ctx.waitForSignal(go)];
    });
    const node = new FakeNode([right]);
    await node.start('w');
    await node.restart({ workflows: [w(ctx => ctx.sleep(1))] });
    await node.signal('go', 0);
    await node.restart({ workflows: [right] });
    await node.engine.glimpseCommitted('default', 'a');
    await node.clock.advance(1);
    const gate = Promise.withResolvers<void>();
    if (lane === 'busy') node.store.beforeCommit = () => gate.promise;
    const send = () => node.engine.signal('default', 'a', 'go', payload(1), node.messageId());
    const heal = () => node.engine.wake('default', 'a', node.row().eid, { crashed: false, retry: true });
    if (lane === 'free') void heal();
    const sent = send();
    if (lane === 'busy') void heal();
    await node.settle();
    node.store.beforeCommit = null;
    gate.resolve();
    await sent;
    await node.settle();
    t.deepEqual(node.outcome().value, [0, 1]);
    t.is(node.store.inboxRows.size, 0);
    const accepts = node.store.batches.flatMap(({ actors }) => actors.flatMap(actor => actor.accepts ?? []));
    t.is(accepts.length, lane === 'busy' ? 2 : 1);
    t.false(node.lines.some(({ message }) => message.includes('another history')));
    await node.replayAll();
  });
}

test('what comes to a held execution while its end is being stored finds it closed', async t => {
  const right = steps('a');
  const node = new FakeNode([right]);
  for (const id of ['a', 'b']) await node.start('w', undefined, { id });
  await node.restart({ workflows: [steps('b')] });
  await node.engine.glimpseCommitted('default', 'a');
  t.is(node.row().held?.code, 'NON_DETERMINISM');
  const gate = Promise.withResolvers<void>();
  node.store.beforeCommit = () => gate.promise;
  const { engine } = node;
  const codeOf = (call: Promise<unknown>) => call.then(() => 'done').catch(({ code }: { code: string }) => code);
  const calls = [
    engine.signal('default', 'b', 'go', payload(0), node.messageId()),
    engine.terminate('default', 'a', null, node.messageId()),
    engine.terminate('default', 'a', null, node.messageId()),
    engine.signal('default', 'a', 'go', payload(1), node.messageId()),
  ].map(codeOf);
  await node.settle();
  const before = node.store.batches.length;
  gate.resolve();
  t.deepEqual(await Promise.all(calls), ['done', 'done', 'CLOSED', 'CLOSED']);
  for (const { actors } of node.store.batches.slice(before)) {
    t.is(new Set(actors.map(({ eid }) => eid)).size, actors.length, 'a run stands in a batch once');
  }
  t.is(node.store.inboxRows.size, 1);
});

test('what was sent to a held execution before it was terminated is accepted, and goes with it', async t => {
  const node = new FakeNode([steps('a')]);
  await node.start('w');
  await node.restart({ workflows: [steps('b')] });
  await node.engine.glimpseCommitted('default', 'a');
  const gate = Promise.withResolvers<void>();
  node.store.beforeCommit = () => gate.promise;
  const { engine } = node;
  const signals = [1, 2, 3].map(n => engine.signal('default', 'a', 'go', payload(n), node.messageId()));
  const ended = engine.terminate('default', 'a', null, node.messageId());
  const late = engine.signal('default', 'a', 'go', payload(4), node.messageId());
  gate.resolve();
  await Promise.all([...signals, ended]);
  await t.throwsAsync(late, { code: 'CLOSED' });
  t.is(node.outcome().status, 'terminated');
  await node.settle();
  t.is(node.store.inboxRows.size, 0);
});

test('a node that ends at once answers all that was on its way to a held execution', async t => {
  const node = new FakeNode([steps('a')]);
  await node.start('w');
  await node.restart({ workflows: [steps('b')] });
  await node.engine.glimpseCommitted('default', 'a');
  node.store.beforeCommit = () => new Promise(() => undefined);
  const { engine } = node;
  const calls = [
    ...[1, 2, 3].map(n => engine.signal('default', 'a', 'go', payload(n), node.messageId())),
    engine.terminate('default', 'a', null, node.messageId()),
  ];
  await node.clock.advance(1);
  engine.kill();
  for (const call of calls) await t.throwsAsync(call, { code: 'UNAVAILABLE' });
});

test('a row of a client that was put anew after it was taken goes once more', async t => {
  const right = w(async ctx => [await ctx.waitForSignal(go), await ctx.waitForSignal(go)]);
  const node = new FakeNode([right]);
  await node.start('w');
  const { first, shard } = node.row();
  const row = (number: number, n: number) => {
    const message = { kind: 'signal', at: 0, id: `m${n}` as MessageId, sender: 0, number: 0, name: 'go' } as const;
    const encoded = encodeMessage({ ...message, payload: payload(n) });
    return { shard, receiver: first, accepted: 5, sender: -3 as Eid, number, message: encoded } as const;
  };
  const put = async (one: InboxRow) => {
    node.store.inboxRows.set(`${one.shard} ${one.receiver} ${one.accepted} ${one.sender} ${one.number}`, one);
    node.engine.receive(one, 'default', 'a');
    // Twice before it is taken: the row goes with the turn, and is not missed by it.
    node.engine.receive(one, 'default', 'a');
    await node.settle();
    t.is(node.store.inboxRows.size, 0);
  };
  await put(row(1, 1));
  await put(row(1, 1));
  await put(row(2, 2));
  t.deepEqual(node.outcome().value, [1, 2]);
  await node.replayAll();
});

test('a first turn that is more than the store keeps in one row holds the execution', async t => {
  const node = new FakeNode([
    w(ctx => Promise.all([1, 2, 3].map(() => ctx.execution('b').signal(signal<'s', string>('s'), 'x'.repeat(1_000))))),
  ]);
  Object.assign(node.store, { limits: { ...node.store.limits, itemBytes: 2_000 } });
  await node.start('w');
  t.is(node.row().held?.code, 'LIMIT_EXCEEDED');
  t.is(Number(node.store.epoch), 1);
});

test('a retry whose execution leaves the node before it goes on is not told as done', async t => {
  const node = new FakeNode([
    workflow({ name: 'w', onError: 'hold' }, async () => {
      throw new Error('Not yet.');
    }),
  ]);
  await node.start('w');
  t.is(node.row().held?.code, 'ON_ERROR');
  const { load } = node.store;
  const isRead = Promise.withResolvers<void>();
  node.store.load = async (...args) => {
    await isRead.promise;
    return load.apply(node.store, args);
  };
  const retried = node.engine.retry('default', 'a');
  await node.clock.advance(1);
  node.engine.disown(node.row().shard);
  isRead.resolve();
  await t.throwsAsync(retried, { code: 'UNAVAILABLE' });
  t.is(node.row().held?.code, 'ON_ERROR');
});
