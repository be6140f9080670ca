import test from 'ava';
import { signal } from '../definition/signal.ts';
import { deliver } from '../engine/delivering.ts';
import type { Eid } from '../ids/ids.ts';
import { encodeMessage } from '../journal/record.ts';
import { encode } from '../payload/encode.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal<'go', number>('go');
const lists = workflow({ name: 'lists' }, async ctx => {
  const got: number[] = [];
  while (got.at(-1) !== 0) got.push(await ctx.waitForSignal(go));
  return got;
});

/** A signal of another execution, as its row. */
function storedSignal(node: FakeNode, number: number, value: number): InboxRow {
  const { shard, eid: receiver } = node.row();
  const [accepted, sender] = [node.clock.now(), (Number(receiver) + 1) as Eid];
  const content = { kind: 'signal', at: accepted, id: null, name: 'go', payload: encode(value, '') } as const;
  const message = encodeMessage({ ...content, sender, number });
  const row: InboxRow = { shard, receiver, accepted, sender, number, message };
  node.store.inboxRows.set(`${shard} ${receiver} ${accepted} ${sender} ${number}`, row);
  return row;
}

test('a stored message that is read again after it was taken is not taken again, nor is its shard read anew', async t => {
  const node = new FakeNode([lists]);
  await node.start('lists');
  const rows = [storedSignal(node, 1, 5), storedSignal(node, 2, 6)];
  for (const row of [rows[0]!, rows[0]!, rows[1]!]) node.engine.receive(row, 'default', 'a');
  await node.settle();
  // By a scan that had read them before they were taken.
  for (const row of rows) node.engine.receive(row, 'default', 'a');
  await node.settle();
  t.is(Number(node.store.epoch), 1);
  t.is(node.store.inboxRows.size, 0);
  await node.signal('go', 0);
  t.deepEqual(node.outcome().value, [5, 6, 0]);
  await node.replayAll();
});

test('what one turn took, refused and told is no part of the next', async t => {
  const node = new FakeNode([lists]);
  await node.start('lists');
  const told: string[] = [];
  const send = async (value: number, kind: 'signal' | 'update' = 'signal') => {
    const content = { at: 0, id: node.messageId(), name: 'go', payload: encode(value, '') };
    deliver(node.engine.parts, 'default', 'a', {
      message: kind === 'signal' ? { kind, sender: 0, number: 0, ...content } : { kind, ...content },
      inbox: null,
      reply: { accepted: () => void told.push(`took ${value}`), refused: () => void told.push(`refused ${value}`) },
    });
    await node.settle();
  };
  for (const value of [1, 2, 3]) await send(value);
  node.engine.receive(storedSignal(node, 1, 4), 'default', 'a');
  await node.settle();
  // There is no such update.
  await Promise.all([send(5, 'update'), send(6)]);
  await send(7);
  t.deepEqual(told.toSorted(), ['refused 5', 'took 1', 'took 2', 'took 3', 'took 6', 'took 7']);
  t.is(Number(node.store.epoch), 1);
  await send(0);
  t.deepEqual(node.outcome().value, [1, 2, 3, 4, 6, 7, 0]);
});
