import test from 'ava';
import { signal } from '../definition/signal.ts';
import { encode } from '../payload/encode.ts';
import { StoreRefusedError } from '../ports/store/commit.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal('go');
const waits = () => workflow({ name: 'w' }, ctx => ctx.waitForSignal(go));

test('one that has ended is deleted, and its id is as if it had never been', async t => {
  const node = new FakeNode([waits()]);
  await node.start('w', undefined, { idempotency: { key: 'k', hash: 'h' } });
  await t.throwsAsync(node.engine.remove('default', 'a'), { code: 'ALREADY_RUNNING', message: /Terminate it/ });
  await node.signal('go');
  await node.engine.remove('default', 'a');
  t.is(node.store.runs.size, 0);
  await t.throwsAsync(node.engine.remove('default', 'a'), { code: 'NOT_FOUND' });
  await t.throwsAsync(node.engine.result('default', 'a'), { code: 'NOT_FOUND' });
  await t.throwsAsync(node.signal('go'), { code: 'NOT_FOUND' });
  await t.throwsAsync(node.engine.retry('default', 'a'), { code: 'NOT_FOUND' });
  t.false((await node.start('w', undefined, { reuse: 'never', idempotency: { key: 'k', hash: 'h' } })).existing);
});

test('a start that comes while it is deleted is whole, whichever comes first', async t => {
  const node = new FakeNode([waits()]);
  const first = await node.start('w');
  await node.terminate();
  const removed = node.engine.remove('default', 'a').then(
    () => true,
    () => false,
  );
  const next = await node.start('w');
  t.not(next.runId, first.runId);
  t.is(String(node.row().runId), next.runId);
  t.is(node.store.runs.size, (await removed) ? 1 : 2);
  await node.signal('go');
  t.is(node.row().status, 'completed');
});

test('of a retry and a deletion at once one is done', async t => {
  const node = new FakeNode([waits()]);
  for (const order of [0, 1]) {
    await node.start('w');
    await node.terminate();
    const calls = [() => node.engine.retry('default', 'a'), () => node.engine.remove('default', 'a')];
    if (order === 1) calls.reverse();
    const both = await Promise.allSettled(calls.map(call => call()));
    t.deepEqual(
      both.map(each => each.status),
      ['fulfilled', 'rejected'],
    );
    await node.settle();
    if (order === 1) t.is(node.store.runs.size, 0);
    else {
      t.is(node.row().status, 'running');
      await node.terminate();
      await node.engine.remove('default', 'a');
    }
  }
});

test('a store that is silent leaves it as it is, and the next try deletes it', async t => {
  const node = new FakeNode([waits()]);
  await node.start('w');
  await node.terminate();
  let reads = 0;
  node.store.beforeRead = async () => {
    // The last is the deletion's own.
    if (++reads === 4) throw new StoreRefusedError('away');
  };
  await t.throwsAsync(node.engine.remove('default', 'a'), { code: 'UNAVAILABLE' });
  t.is(node.row().status, 'terminated');
  await node.engine.remove('default', 'a');
  t.is(node.store.runs.size, 0);
});

test('messages that an execution left in the store when it ended are deleted, a thousand at a time', async t => {
  const holds = workflow({ name: 'w', onError: 'hold' }, async () => {
    throw new Error('held');
  });
  const node = new FakeNode([holds]);
  await node.start('w');
  t.is(node.row().held?.code, 'ON_ERROR');
  const payload = encode(undefined, 'payload');
  const sent = Array.from({ length: 2_500 }, () => node.engine.signal('default', 'a', 'go', payload, node.messageId()));
  await node.settle();
  await Promise.all(sent);
  t.is(node.store.inboxRows.size, 2_500);
  await node.terminate();
  const takes: number[] = [];
  node.store.beforeCommit = async ({ actors }) => void takes.push(...actors.map(each => each.takes?.length ?? 0));
  // As whoever reads the inbox again delivers them, and again before they are gone.
  for (const row of [...node.store.inboxRows.values()]) node.engine.receive(row, 'default', 'a');
  await node.settle();
  t.is(node.store.inboxRows.size, 0);
  t.deepEqual(takes, [1_000, 1_000, 500]);
});

test('messages to an execution that was deleted are deleted alike', async t => {
  const node = new FakeNode([waits()]);
  await node.start('w');
  const { shard, eid: receiver } = node.row();
  await node.signal('go');
  await node.engine.remove('default', 'a');
  const rows = Array.from({ length: 1_001 }, (_, number) => ({
    ...{ shard, receiver, accepted: number, sender: 0 as const, number, message: new Uint8Array() },
  }));
  const takes: number[] = [];
  node.store.beforeCommit = async ({ actors }) => void takes.push(...actors.map(each => each.takes?.length ?? 0));
  node.engine.dropRows(rows);
  await node.settle();
  t.deepEqual(takes, [1_000, 1]);
});
