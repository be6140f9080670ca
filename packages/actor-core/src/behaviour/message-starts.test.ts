import test, { type ExecutionContext } from 'ava';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import type { StartRequest } from '../engine/options.ts';
import type { MessageId } from '../ids/ids.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import { OutcomeUnknownError } from '../ports/store/commit.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const item = signal<'item', number>('item');
const add = update<'add', number, number>('add');
const stop = signal('stop');
const sum = query<'sum', void, number>('sum');

/** Adds up what it is sent, and gives the sum once it is told to stop. */
const cart = () =>
  workflow({ name: 'cart', updates: [add], queries: [sum] }, async ctx => {
    let total = 0;
    ctx.on(sum, () => total);
    ctx.on(item, n => {
      total += n;
    });
    ctx.on(
      add,
      async n => {
        if (n === 13) throw new Error('unlucky');
        if (n > 100) await ctx.sleep(n);
        return (total += n);
      },
      {
        validate: n => {
          if (n < 0) throw new Error('only up');
        },
      },
    );
    await ctx.waitForSignal(stop);
    return total;
  });

const joining: Partial<StartRequest> = { onConflict: 'use-existing' };

function signalled(node: FakeNode, n: number, more: Partial<StartRequest> = joining, messageId = node.messageId()) {
  return node.engine.signalWithStart(node.startRequest('cart', undefined, more), {
    name: 'item',
    payload: encode(n, 'payload'),
    messageId,
  });
}

function updated(node: FakeNode, n: number, { more = joining, messageId = node.messageId() } = {}) {
  const message = { name: 'add', payload: encode(n, 'payload'), messageId };
  return node.engine.updateWithStart(node.startRequest('cart', undefined, more), message, 'answered');
}

behaviour(
  'a signal starts the execution that it is for, in one turn, and reaches the one that is there',
  () => [cart()],
  async (t, node) => {
    t.false((await signalled(node, 3)).existing);
    t.is(node.turns().length, 1);
    t.deepEqual(
      node.turns()[0]!.messages.map(message => message.kind),
      ['start', 'signal'],
    );
    await node.settle();
    if (node.readsBack) await node.restart();
    t.true((await signalled(node, 4)).existing);
    t.is(await node.query('sum'), 7);
    await node.signal('stop');
    t.is(node.outcome().value, 7);
  },
);

behaviour(
  'an update starts the execution that it is for and is answered long before the result',
  () => [cart()],
  async (t, node) => {
    const first = await updated(node, 3);
    t.like(first, { existing: false, id: 'a' });
    t.is(decode(first.outcome!), 3);
    t.is(node.turns().length, 1);
    await node.settle();
    if (node.readsBack) await node.restart();
    const second = await updated(node, 4);
    t.like(second, { existing: true, runId: first.runId });
    t.is(decode(second.outcome!), 7);
    await node.signal('stop');
    t.is(node.outcome().value, 7);
  },
);

test('of many calls at once one starts the execution and all are taken', async t => {
  const node = new FakeNode([cart()]);
  const calls = await Promise.all(Array.from({ length: 20 }, () => signalled(node, 1)));
  t.is(calls.filter(call => !call.existing).length, 1);
  t.is(new Set(calls.map(call => call.runId)).size, 1);
  t.is(await node.query('sum'), 20);
  await node.replayAll();
});

test('a message sent again by a caller that did not hear is taken once', async t => {
  const node = new FakeNode([cart()]);
  const messageId = 'm' as MessageId;
  await signalled(node, 5, joining, messageId);
  t.true((await signalled(node, 5, joining, messageId)).existing);
  t.is(await node.query('sum'), 5);
  const told = await updated(node, 2, { messageId: 'u' as MessageId });
  const again = await updated(node, 2, { messageId: 'u' as MessageId });
  t.deepEqual([decode(told.outcome!), decode(again.outcome!)], [7, 7]);
});

test('an idempotent call is answered by the first one, which took the message, though it has ended since', async t => {
  const node = new FakeNode([cart()]);
  const more = { ...joining, idempotency: { key: 'k', hash: 'h', operation: 'signal-with-start' } };
  const messageId = 'm' as MessageId;
  const first = await signalled(node, 5, more, messageId);
  await node.signal('stop');
  const again = await signalled(node, 5, more, messageId);
  t.like(again, { existing: true, runId: first.runId });
  t.is(node.outcome().value, 5);
  t.is([...node.store.runs.values()].length, 1);
});

for (const reuse of ['always', 'never'] as const) {
  test(`an idempotent call that reached an execution is answered by it after its end, with reuse '${reuse}'`, async t => {
    const node = new FakeNode([cart()]);
    const keyed = (key: string) => ({
      ...joining,
      reuse,
      idempotency: { key, hash: 'h', operation: 'signal-with-start' },
    });
    const first = await signalled(node, 1, keyed('k1'), 'm1' as MessageId);
    await signalled(node, 5, keyed('k2'), 'm2' as MessageId);
    await node.signal('stop');
    await node.restart();
    const again = await signalled(node, 5, keyed('k2'), 'm2' as MessageId);
    t.like(again, { existing: true, runId: first.runId });
    t.is([...node.store.runs.values()].length, 1);
    // Another message is not answered by it.
    const other = signalled(node, 7, keyed('k3'), 'm3' as MessageId);
    if (reuse === 'never') return void (await t.throwsAsync(other, { code: 'ALREADY_EXISTS' }));
    t.like(await other, { existing: false });
    t.is(await node.query('sum'), 7);
    await node.replayAll();
  });
}

test('an idempotent update that reached an execution is answered by it after its end, with its outcome', async t => {
  const node = new FakeNode([cart()]);
  const more = { ...joining, idempotency: { key: 'k', hash: 'h', operation: 'update-with-start' } };
  await node.start('cart');
  const told = await updated(node, 2, { messageId: 'u' as MessageId, more });
  await node.signal('stop');
  const again = await updated(node, 2, { messageId: 'u' as MessageId, more });
  t.deepEqual([decode(again.outcome!), again.runId], [decode(told.outcome!), told.runId]);
  t.is([...node.store.runs.values()].length, 1);
});

test('where the start is refused the message is not taken', async t => {
  const node = new FakeNode([cart()]);
  await node.start('cart');
  await t.throwsAsync(signalled(node, 5, { onConflict: 'fail' }), { code: 'ALREADY_RUNNING' });
  await node.restart();
  await t.throwsAsync(signalled(node, 5, { onConflict: 'fail' }), { code: 'ALREADY_RUNNING' });
  t.is(await node.query('sum'), 0);
  await node.signal('stop');
  await t.throwsAsync(signalled(node, 5, { reuse: 'never' }), { code: 'ALREADY_EXISTS' });
  await t.throwsAsync(updated(node, 5, { more: { reuse: 'never' } }), { code: 'ALREADY_EXISTS' });
  await t.throwsAsync(
    node.engine.signalWithStart(node.startRequest('card'), {
      name: 'item',
      payload: encode(1, ''),
      messageId: node.messageId(),
    }),
    { code: 'UNKNOWN_WORKFLOW' },
  );
});

for (const idempotency of [null, { key: 'k', hash: 'h', operation: 'signal-with-start' }]) {
  const kind = idempotency ? 'an idempotent' : 'a';
  test(`an execution that ends before the message of ${kind} call reaches it gives way to a new one`, async t => {
    const node = new FakeNode([cart()]);
    const first = await node.start('cart');
    node.store.beforeCommit = async () => {
      node.store.beforeCommit = null;
    };
    const stopped = node.engine.signal('default', 'a', 'stop', encode(undefined, ''), node.messageId());
    const next = await signalled(node, 5, { ...joining, idempotency });
    await stopped;
    t.false(next.existing);
    t.not(next.runId, first.runId);
    t.is(await node.query('sum'), 5);
  });
}

test('an update that its validator refuses leaves the execution started', async t => {
  const node = new FakeNode([cart()]);
  await t.throwsAsync(updated(node, -1), { code: 'UPDATE_REJECTED', message: 'only up' });
  t.is(node.row().status, 'running');
  t.is(await node.query('sum'), 0);
});

test('nothing of it is told before it is durable, and an outcome that comes late changes nothing', async t => {
  const node = new FakeNode([cart()]);
  let tries = 0;
  node.store.beforeCommit = async (_batch, land) => {
    if (tries++ > 0) return;
    land();
    throw new OutcomeUnknownError('late');
  };
  const told: string[] = [];
  const call = signalled(node, 5).then(() => told.push('told'));
  await node.settle();
  t.deepEqual(told, []);
  await node.clock.advance(1_000);
  await call;
  t.is(await node.query('sum'), 5);
  t.is(node.turns().length, 1);
});

behaviour(
  'an update is accepted first and answered later, and its outcome is had by its id, after the end too',
  () => [cart()],
  async (t, node) => {
    await node.start('cart');
    const [slow, fast, bad] = ['slow', 'fast', 'bad'] as MessageId[] as [MessageId, MessageId, MessageId];
    const send = (n: number, id: MessageId) => node.engine.startUpdate('default', 'a', 'add', encode(n, ''), id);
    await send(200, slow);
    await send(1, fast);
    await send(13, bad);
    const outcome = (id: MessageId) => node.engine.updateOutcome('default', 'a', id);
    t.is(decode(await outcome(fast)), 1);
    await t.throwsAsync(outcome(bad), { code: 'UPDATE_FAILED', message: 'unlucky' });
    let early: unknown;
    void outcome(slow).then(
      payload => (early = decode(payload)),
      () => undefined,
    );
    await node.settle();
    t.is(early, undefined);
    await node.advance(200);
    if (!node.readsBack) t.is(early, 201);
    t.is(decode(await outcome(slow)), 201);
    await t.throwsAsync(send(-1, 'no' as MessageId), { code: 'UPDATE_REJECTED' });
    await t.throwsAsync(outcome('no' as MessageId), { code: 'NOT_FOUND' });
    await node.signal('stop');
    t.is(decode(await outcome(slow)), 201);
    await t.throwsAsync(outcome(bad), { code: 'UPDATE_FAILED' });
    await t.throwsAsync(outcome('no' as MessageId), { code: 'NOT_FOUND' });
    await t.throwsAsync(node.engine.updateOutcome('default', 'nobody', fast), { code: 'NOT_FOUND' });
    await t.throwsAsync(send(1, 'late' as MessageId), { code: 'CLOSED' });
    await send(200, slow);
  },
);

test('the id of a signal is no update, and an update that was running at the end is closed', async t => {
  const node = new FakeNode([cart()]);
  await node.start('cart');
  await node.signal('item', 1, { messageId: 's' as MessageId });
  await node.engine.startUpdate('default', 'a', 'add', encode(200, ''), 'u' as MessageId);
  await t.throwsAsync(node.engine.updateOutcome('default', 'a', 's' as MessageId), { code: 'NOT_FOUND' });
  const waiting = node.engine.updateOutcome('default', 'a', 'u' as MessageId);
  waiting.catch(() => undefined);
  await node.settle();
  await node.terminate();
  await t.throwsAsync(waiting, { code: 'CLOSED' });
  await t.throwsAsync(node.engine.updateOutcome('default', 'a', 'u' as MessageId), { code: 'CLOSED' });
  await t.throwsAsync(node.engine.updateOutcome('default', 'a', 's' as MessageId), { code: 'NOT_FOUND' });
});

test('who waits for an outcome may stop to', async t => {
  const node = new FakeNode([cart()]);
  await node.start('cart');
  await node.engine.startUpdate('default', 'a', 'add', encode(200, ''), 'u' as MessageId);
  const abort = new AbortController();
  const waiting = node.engine.updateOutcome('default', 'a', 'u' as MessageId, abort.signal);
  const other = node.engine.updateOutcome('default', 'a', 'u' as MessageId);
  await node.settle();
  abort.abort(new Error('enough'));
  await t.throwsAsync(waiting, { message: 'enough' });
  await node.advance(200);
  t.is(decode(await other), 200);
});
