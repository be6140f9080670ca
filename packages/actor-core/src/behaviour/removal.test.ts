import test from 'ava';
import { signal } from '../definition/signal.ts';
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
