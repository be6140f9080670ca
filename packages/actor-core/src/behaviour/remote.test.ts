import test from 'ava';
import { task } from '../definition/task.ts';
import type { Incarnation } from '../ids/ids.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const OTHER = 'other' as Incarnation;

/** A task whose first attempt fails, and whose others end when the test says so. */
function scene() {
  const begun: number[] = [];
  const gate = Promise.withResolvers<string>();
  const flaky = task({ name: 'flaky', retry: { initial: 1, maxAttempts: 3 } }, (_: void, { attempt }) => {
    begun.push(attempt);
    if (attempt === 1) throw new Error('not yet');
    return gate.promise;
  });
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.run(flaky))]);
  /** What the shard's last release said: the other node had it once, and ran this attempt. */
  const handedOver = (attempt: number) => {
    const { shard, eid } = node.row();
    node.engine.expect(shard, [{ eid, command: 1, attempt, at: OTHER }]);
  };
  return { node, begun, gate, handedOver };
}

test('an attempt that ended long ago at a node that dies costs the one that runs now nothing', async t => {
  const { node, begun, gate, handedOver } = scene();
  await node.start('w');
  await node.advance(10);
  t.deepEqual(begun, [1, 2]);
  handedOver(1);
  node.engine.loseRemoteAt(OTHER);
  await node.settle();
  t.deepEqual(begun, [1, 2]);
  gate.resolve('done');
  await node.settle();
  t.is(node.outcome().value, 'done');
});
