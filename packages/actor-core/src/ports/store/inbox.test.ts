import test from 'ava';
import type { Eid, ShardId } from '../../ids/ids.ts';
import { inSenderOrder, type InboxKey } from './inbox.ts';

const key = (sender: number, number: number, accepted: number, receiver = 1): InboxKey => ({
  shard: 0 as ShardId,
  receiver: receiver as Eid,
  sender: sender as Eid,
  number,
  accepted,
});
const order = (rows: readonly InboxKey[]) =>
  inSenderOrder(rows).map(({ row, at }) => `${row.sender}#${row.number}@${at}`);

test('rows of several senders stand by when they were accepted', t => {
  t.deepEqual(order([key(7, 1, 30), key(8, 1, 10), key(9, 1, 20)]), ['8#1@10', '9#1@20', '7#1@30']);
});

test('a later message of a sender never stands before an earlier one, whatever clock stamped it', t => {
  t.deepEqual(order([key(7, 2, 10), key(8, 1, 15), key(7, 1, 20), key(7, 3, 25)]), [
    '8#1@15',
    '7#1@20',
    '7#2@20',
    '7#3@25',
  ]);
});

test('what a sender sends to one receiver says nothing of what it sends to another', t => {
  t.deepEqual(order([key(7, 1, 20, 1), key(7, 2, 10, 2)]), ['7#2@10', '7#1@20']);
});
