import test from 'ava';
import type { InboxRow } from '@dfnsjs/actor-core/ports';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';
import { LARGEST_PAGE, wholeReceivers } from './inbox-pages.ts';

const row = (receiver: number, accepted: number, shard = 0): InboxRow => ({
  shard: shard as ShardId,
  receiver: receiver as Eid,
  accepted,
  sender: 0,
  number: accepted,
  message: Uint8Array.of(),
});
const from = { shard: 0 as ShardId };
const names = (rows: readonly InboxRow[]) => rows.map(({ receiver, accepted }) => `${receiver}@${accepted}`);

test('a page that is not full is whole', t => {
  const { whole, next, isStuck } = wholeReceivers([row(1, 1), row(2, 1)], [from], 3);
  t.deepEqual(names(whole), ['1@1', '2@1']);
  t.deepEqual([next, isStuck], [[], false]);
});

test('of a full page the last receiver is read again, from its first row', t => {
  const { whole, next, isStuck } = wholeReceivers([row(1, 1), row(1, 2), row(2, 1)], [from], 3);
  t.deepEqual(names(whole), ['1@1', '1@2']);
  t.like(next, [{ shard: 0, after: { receiver: 1, accepted: 2 } }]);
  t.false(isStuck);
});

test('a page of one receiver alone is read again as a larger one, others beside it are not held up', t => {
  const other = { shard: 1 as ShardId };
  const page = [row(1, 1), row(1, 2), row(5, 1, 1)];
  const { whole, next, isStuck } = wholeReceivers(page, [from, other], 2);
  t.deepEqual(names(whole), ['5@1']);
  t.is(next[0], from);
  t.is(next.length, 1);
  t.true(isStuck);
});

test('a receiver with more than the largest page is read on from where it was left', t => {
  const page = Array.from({ length: LARGEST_PAGE }, (_, at) => row(1, at));
  const { whole, next, isStuck } = wholeReceivers(page, [from], LARGEST_PAGE);
  t.is(whole.length, LARGEST_PAGE);
  t.like(next, [{ after: { receiver: 1, accepted: LARGEST_PAGE - 1 } }]);
  t.false(isStuck);
});
