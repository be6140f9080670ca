import test from 'ava';
import { NonRetryableError } from '../definition/retry-control.ts';
import { signal } from '../definition/signal.ts';
import type { ShardId } from '../ids/ids.ts';
import type { Change } from '../ports/changes.ts';
import { workflow, type AnyWorkflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal('go');

/** A node that somebody listens to. `told` gives what was told since it was asked last. */
function heard(...workflows: readonly AnyWorkflow[]) {
  const node = new FakeNode(workflows);
  const all: Change[] = [];
  let missed = 0;
  const listen = () =>
    node.engine.tellChanges({
      changed: change => all.push(change),
      missed: () => missed++,
    });
  listen();
  const told = () => all.splice(0).map(({ kind, turn, status }) => `${kind} ${turn} ${status}`);
  return { node, all, told, listen, missed: () => missed };
}

test('a start, each turn and the end are told, one event a turn', async t => {
  const flow = workflow({ name: 'flow', version: 3 }, async ctx => {
    await ctx.step('one', () => 1);
    await ctx.waitForSignal(go);
  });
  const { node, all, told } = heard(flow);
  const { runId } = await node.start('flow', undefined, { attributes: new Map([['tier', 'gold']]) });
  t.like(all[0], { kind: 'started', namespace: 'default', id: 'a', runId, workflow: 'flow', version: 3, held: null });
  t.deepEqual(all[0]?.attributes, new Map([['tier', 'gold']]));
  t.deepEqual(told(), ['started 1 running', 'changed 2 running']);
  await node.signal('go');
  t.is(all[0]?.at, node.clock.now());
  t.deepEqual(told(), ['closed 3 completed']);
  await node.start('flow', undefined, { id: 'b' });
  node.engine.tellChanges(null);
  told();
  await node.signal('go', undefined, { id: 'b' });
  t.deepEqual(told(), [], 'nobody listens');
});

test('nothing is told of a turn before its commit is answered, nor of one that is refused', async t => {
  const flow = workflow({ name: 'flow' }, ctx => ctx.waitForSignal(go));
  const { node, told } = heard(flow);
  await node.start('flow');
  told();
  const { commit } = node.store;
  let answer: () => void = () => undefined;
  node.store.commit = async batch => {
    await new Promise<void>(resolve => (answer = resolve));
    return commit.call(node.store, batch);
  };
  const signalled = node.signal('go');
  await node.settle();
  t.deepEqual(told(), []);
  answer();
  await signalled;
  t.deepEqual(told(), ['closed 2 completed']);
  node.store.commit = commit;
  await t.throwsAsync(node.signal('go'), { code: 'CLOSED' });
  t.deepEqual(told(), []);
});

test('attributes that code or a client sets are told, with what they are now', async t => {
  const flow = workflow({ name: 'flow' }, async ctx => {
    await ctx.waitForSignal(go);
    ctx.setAttributes({ step: 2 });
    await ctx.waitForSignal(go);
  });
  const { node, all, told } = heard(flow);
  await node.start('flow');
  told();
  await node.signal('go');
  await node.engine.amend('default', 'a', [['by', 'mia']], node.messageId());
  t.deepEqual(
    all.map(({ attributes }) => [...(attributes ?? [])]),
    [
      [['step', 2]],
      [
        ['step', 2],
        ['by', 'mia'],
      ],
    ],
  );
  t.deepEqual(told(), ['attributes-set 2 running', 'attributes-set 3 running']);
});

test('a hold is told with its code once it is stored, and that it goes on with the turn that says so', async t => {
  let broken = true;
  const flow = workflow({ name: 'flow', onError: () => 'hold' }, async ctx => {
    ctx.setAttributes({ tier: 'gold' });
    await ctx.waitForSignal(go);
    await ctx.step('fragile', () => {
      if (broken) throw new NonRetryableError('no');
    });
    await ctx.waitForSignal(go);
  });
  const { node, all, told, listen } = heard(flow);
  await node.start('flow');
  await node.signal('go');
  const hold = all.at(-1);
  t.is(hold?.kind, 'held');
  t.is(hold?.held, node.row().held?.code);
  t.deepEqual(hold?.attributes, new Map([['tier', 'gold']]));
  told();
  await node.restart();
  listen();
  t.deepEqual(told(), [], 'reading a held one is no change');
  broken = false;
  await node.retry();
  t.deepEqual(told(), ['released 3 running', 'changed 4 running']);
  t.is(node.row().held, null);
});

test('a held one that is terminated is told as closed, a deleted one as deleted', async t => {
  const flow = workflow({ name: 'flow', onError: () => 'hold' }, () => Promise.reject(new Error('no')));
  const { node, told } = heard(flow);
  await node.start('flow');
  t.deepEqual(told(), ['held 0 running']);
  await node.terminate();
  t.deepEqual(told(), ['closed 1 terminated']);
  await node.engine.remove('default', 'a');
  t.regex(told().join(), /^deleted \d+ terminated$/);
});

test('another run is told as started: after continue-as-new with the turn that asked for it, and after a retry', async t => {
  const flow = workflow({ name: 'flow' }, async (ctx, left: number) => {
    await ctx.waitForSignal(go);
    if (left > 0) return ctx.continueAsNew(left - 1);
    throw new Error('no');
  });
  const { node, all, told } = heard(flow);
  const first = await node.start('flow', 1);
  told();
  await node.signal('go');
  const [next] = all;
  t.is(next?.runId, node.row().runId);
  t.not(next?.runId, first.runId);
  t.deepEqual(told(), ['started 0 running', 'changed 1 running']);
  await node.signal('go');
  t.deepEqual(told(), ['closed 2 failed']);
  const runId = await node.retry();
  t.is(all[0]?.runId as string, runId);
  t.regex(told()[0] ?? '', /^started \d running$/);
});

test('where a shard goes to another node, whoever listens hears that it may have missed something', async t => {
  const flow = workflow({ name: 'flow' }, ctx => ctx.waitForSignal(go));
  const { node, missed } = heard(flow);
  await node.start('flow');
  t.is(missed(), 0);
  node.engine.disown(0 as ShardId);
  t.is(missed(), 1);
});
