import test from 'ava';
import { foldRows, joinRows, unfoldRows } from './snapshot.ts';

const row = (seq: number) => ({ seq, turn: Buffer.from([seq]) });
const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => row(from + i));

test('rows come back from their fold as they were', t => {
  const snapshot = foldRows(rows(3, 9));
  t.deepEqual([snapshot.from, snapshot.to], [3, 9]);
  t.deepEqual(unfoldRows(snapshot), rows(3, 9));
});

test('a reader that finds rows and their fold has each once, in order', t => {
  const snapshots = [foldRows(rows(1, 4)), foldRows(rows(5, 6))];
  t.deepEqual(joinRows(rows(3, 8), snapshots), rows(1, 8));
  t.deepEqual(joinRows(rows(7, 8), snapshots), rows(1, 8));
  t.deepEqual(joinRows(rows(1, 2), []), rows(1, 2));
});

test('a damaged snapshot is INTERNAL', t => {
  const good = foldRows(rows(1, 3));
  for (const turns of [[], [0xc1], [0x91, 9], [0x92, 1, 0x90]]) {
    t.throws(() => unfoldRows({ ...good, turns: Buffer.from(turns) }), { code: 'INTERNAL' });
  }
});
