import test from 'ava';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal('go');
const count = query<'count', void, number>('count');

test('an idle run whose journal was folded is read back whole, goes on, and is as large as before', async t => {
  const node = new FakeNode([
    workflow({ name: 'w', queries: [count] }, async ctx => {
      let n = 0;
      ctx.on(count, () => n);
      for (; n < 300; n++) await ctx.step('s', () => n);
      await ctx.waitForSignal(go);
      return n;
    }),
  ]);
  const { eid } = await node.start('w');
  const { bytes } = node.engine.glimpse('default', 'a')!;
  await node.clock.advance(10_000);
  const { snapshots, journal } = node.store.runs.get(eid)!;
  t.true(snapshots.length > 0 && journal.length < 300);
  await node.restart({ crashed: true });
  t.is(await node.query('count'), 300);
  t.true(node.engine.glimpse('default', 'a')!.bytes >= bytes);
  await node.signal('go');
  t.is(node.outcome().value, 300);
  await node.replayAll();
});
