import test from 'ava';
import type { Eid, Epoch, ShardId } from '../ids/ids.ts';
import { Batch } from './batch.ts';

const limits = { items: 3, bytes: 100, itemBytes: 100 };
const write = (eid: number, bytes: number) => ({
  entry: { shard: 0 as ShardId, epoch: 1 as Epoch, eid: eid as Eid, prevSeq: 0 },
  bytes,
});

const cases: readonly (readonly [string, readonly (readonly [number, number])[], number])[] = [
  ['nothing waits', [], 0],
  [
    'all fit',
    [
      [1, 10],
      [2, 10],
    ],
    2,
  ],
  [
    'as many as items allow',
    [
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ],
    3,
  ],
  [
    'as many as bytes allow, to the byte',
    [
      [1, 50],
      [2, 50],
      [3, 1],
    ],
    2,
  ],
  [
    'one that alone is too large goes alone',
    [
      [1, 500],
      [2, 1],
    ],
    1,
  ],
  [
    'two writes of one actor never share a batch',
    [
      [1, 1],
      [2, 1],
      [1, 1],
    ],
    2,
  ],
];

for (const [title, waiting, length] of cases) {
  test(title, t => {
    const batch = new Batch(limits);
    const refused = waiting.findIndex(([eid, bytes]) => !batch.add(write(eid, bytes)));
    t.is(refused === -1 ? waiting.length : refused, length);
  });
}

test('a write without a turn does not join the turn of its actor either', t => {
  const batch = new Batch(limits);
  const turn = { ...write(1, 1).entry, journal: { seq: 1, turn: new Uint8Array() } };
  t.true(batch.add({ entry: turn, bytes: 1 }));
  t.false(batch.add(write(1, 1)));
  t.true(batch.add(write(2, 1)));
});
