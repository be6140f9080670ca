import test from 'ava';
import { signal } from '../definition/signal.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { type ActorCommit, StoreRefusedError } from '../ports/store/commit.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal('go');
const steps = workflow({ name: 'steps' }, async ctx => {
  await ctx.waitForSignal(go);
  for (let i = 0; i < 5; i++) await ctx.step('s', () => i);
  return 'done';
});

/** The store refuses every batch with such a write in it. */
function refuses(node: FakeNode, isCulprit: (write: ActorCommit) => boolean): void {
  node.store.beforeCommit = batch =>
    batch.actors.some(isCulprit) ? Promise.reject(new StoreRefusedError('no such column')) : Promise.resolve();
}

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];

async function started(): Promise<FakeNode> {
  const node = new FakeNode([steps]);
  for (const id of IDS) await node.start('steps', undefined, { id });
  return node;
}

test('an execution whose turn the store refuses for ever is held with its message; the others go on', async t => {
  const node = await started();
  const { eid } = node.row('c');
  refuses(node, write => write.eid === eid && write.journal?.seq === 3);
  const signals = IDS.map(id => node.signal('go', undefined, { id }));
  await node.advance(10_000);
  await Promise.all(signals);
  for (const id of IDS) if (id !== 'c') t.is(node.outcome(id).value, 'done');
  const { held, status } = node.row('c');
  t.is(status, 'running');
  t.is(held?.code, 'INTERNAL');
  t.regex(held?.message ?? '', /no such column/);

  node.store.beforeCommit = null;
  await node.engine.retry('default', 'c');
  await node.advance(1_000);
  t.is(node.outcome('c').value, 'done');
  t.is(await node.replayAll(), IDS.length);
});

test('where its row cannot be written either it is held in memory, and goes on when it is read anew', async t => {
  const node = await started();
  const { eid } = node.row('c');
  refuses(node, write => write.eid === eid);
  // Others go on all the while: that is how it is known that the store works.
  for (const id of ['c', 'a', 'b', 'd', 'e', 'f']) {
    void node.signal('go', undefined, { id }).catch(() => undefined);
    await node.advance(3_000);
  }
  await node.advance(10_000);
  for (const id of IDS) if (id !== 'c') t.is(node.outcome(id).value, 'done');
  t.is(node.row('c').held, null);
  node.store.beforeCommit = null;
  await node.restart();
  await node.signal('go', undefined, { id: 'c' }).catch(() => undefined);
  await node.advance(1_000);
  t.is(node.outcome('c').value, 'done');
});

test('a start that the store refuses for ever is refused, and its id is free', async t => {
  const node = await started();
  refuses(node, write => write.insert?.id === 'bad');
  const bad = node.start('steps', undefined, { id: 'bad' }).catch((error: unknown) => error);
  const signals = IDS.map(id => node.signal('go', undefined, { id }));
  await node.advance(10_000);
  await Promise.all(signals);
  const error = await bad;
  t.true(error instanceof DfnsError && error.code === 'INTERNAL' && /no such column/.test(error.message));
  for (const id of IDS) t.is(node.outcome(id).value, 'done');
  node.store.beforeCommit = null;
  await node.start('steps', undefined, { id: 'bad' });
  t.is(node.row('bad').status, 'running');
  t.is(node.engine.parts.entrance.calls, 0);
});

test('a full disk holds nobody', async t => {
  const node = await started();
  node.store.beforeCommit = () => Promise.reject(new StoreRefusedError('full', { isOutage: true }));
  const signals = IDS.map(id => node.signal('go', undefined, { id }));
  await node.advance(60_000);
  node.store.beforeCommit = null;
  await node.advance(5_000);
  await Promise.all(signals);
  for (const id of IDS) t.is(node.outcome(id).value, 'done');
});
