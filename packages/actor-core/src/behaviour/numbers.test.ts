import test from 'ava';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const loop = workflow({ name: 'w' }, async (ctx, left: number): Promise<string> => {
  await ctx.sleep('1s');
  if (left === 0) return 'done';
  return ctx.continueAsNew(left - 1);
});

test('a chain outlives the numbers of the start of its node', async t => {
  let ordinal = 100;
  const node = new FakeNode([loop], { runsPerOrdinal: 16, drawOrdinal: async () => ++ordinal });
  await node.start('w', 40);
  for (let n = 0; n <= 41; n++) await node.clock.advance(1_000);
  t.is(node.outcome().value, 'done');
  t.is(node.store.runs.size, 41);
  t.true(ordinal > 101);
  await node.replayAll();
});
