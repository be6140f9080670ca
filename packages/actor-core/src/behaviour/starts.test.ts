import test from 'ava';
import { signal } from '../definition/signal.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal('go');
const waits = () => workflow({ name: 'w' }, async (ctx, n: number) => (await ctx.waitForSignal(go), n));
const fails = () =>
  workflow({ name: 'fails' }, async () => {
    throw new Error('always');
  });

test('an open id: fail refuses, use-existing joins and ignores the input, terminate-existing replaces', async t => {
  const node = new FakeNode([waits()]);
  const first = await node.start('w', 1);
  await t.throwsAsync(node.start('w', 2), { code: 'ALREADY_RUNNING' });
  const joined = await node.start('w', 2, { onConflict: 'use-existing' });
  t.deepEqual([joined.existing, joined.runId], [true, first.runId]);
  const replaced = await node.start('w', 3, { onConflict: 'terminate-existing' });
  t.false(replaced.existing);
  t.is(node.store.runs.get(first.eid)!.run.status, 'terminated');
  await node.signal('go');
  t.is(node.outcome().value, 3);
});

test('the same rules hold where the execution is not in memory', async t => {
  const node = new FakeNode([waits()]);
  const first = await node.start('w', 1);
  node.engine.kill();
  await node.restart();
  t.is(node.engine.residentOf(first.eid), undefined);
  await t.throwsAsync(node.start('w', 2), { code: 'ALREADY_RUNNING' });
  t.is((await node.start('w', 2, { onConflict: 'use-existing' })).runId, first.runId);
  await node.start('w', 3, { onConflict: 'terminate-existing' });
  await node.signal('go');
  t.is(node.outcome().value, 3);
});

test('a closed id is used again as reuse says', async t => {
  const node = new FakeNode([waits(), fails()]);
  await node.start('w', 1);
  await node.signal('go');
  await t.throwsAsync(node.start('w', 2, { reuse: 'never' }), { code: 'ALREADY_EXISTS' });
  await t.throwsAsync(node.start('w', 2, { reuse: 'after-failure' }), { code: 'ALREADY_EXISTS' });
  await node.start('fails', undefined);
  t.is(node.outcome().status, 'failed');
  await node.start('w', 3, { reuse: 'after-failure' });
  await node.signal('go');
  t.is(node.outcome().value, 3);
});

test('of many starts of one id at once one wins, the others are told', async t => {
  const node = new FakeNode([waits()]);
  const all = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => node.start('w', i)));
  t.is(all.filter(each => each.status === 'fulfilled').length, 1);
  t.is(node.store.runs.size, 1);
});

test('the same idempotency key with the same call answers the first start, with another call it is refused', async t => {
  const node = new FakeNode([waits()]);
  const first = await node.start('w', 1, { idempotency: { key: 'k', hash: 'h' } });
  const again = await node.start('w', 1, { id: 'other', idempotency: { key: 'k', hash: 'h' } });
  t.deepEqual([again.runId, again.id, again.existing], [first.runId, 'a', true]);
  await t.throwsAsync(node.start('w', 2, { idempotency: { key: 'k', hash: 'other' } }), { code: 'ALREADY_EXISTS' });
  await node.signal('go');
  t.is((await node.start('w', 1, { idempotency: { key: 'k', hash: 'h' } })).runId, first.runId);
  t.is(node.store.runs.size, 1);
});

test('an unregistered workflow is refused and nothing is stored', async t => {
  const node = new FakeNode([waits()]);
  await t.throwsAsync(node.start('nobody'), { code: 'UNKNOWN_WORKFLOW', message: /Registered are: w/ });
  await t.throwsAsync(node.start('w', 1, { version: 9 }), { code: 'UNKNOWN_WORKFLOW' });
  t.is(node.store.batches.length, 0);
});

test('a signal sent while the start is at the store reaches it; a result asked for then is given', async t => {
  const node = new FakeNode([waits()]);
  const gate = Promise.withResolvers<void>();
  node.store.beforeCommit = () => gate.promise;
  const start = node.start('w', 1);
  const signalled = node.signal('go');
  const result = node.engine.result('default', 'a');
  await node.settle();
  gate.resolve();
  await Promise.all([start, signalled]);
  t.is((await result).status, 'completed');
});

test('a start that is held in its first turn takes no id that is in use, and is told when it stands', async t => {
  const holds = workflow({ name: 'holds', onError: 'hold' }, () => {
    throw new Error('to be looked at');
  });
  const node = new FakeNode([waits(), holds]);
  await node.start('w', 1);
  await node.signal('go');
  await t.throwsAsync(node.start('holds', undefined, { reuse: 'never' }), { code: 'ALREADY_EXISTS' });
  const started = await node.start('holds');
  t.false(started.existing);
  t.is(node.row().held?.code, 'ON_ERROR');
  t.is(Number(node.store.epoch), 1, 'nothing had to be read anew');
});
