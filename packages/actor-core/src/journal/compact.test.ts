import test from 'ava';
import { BOUNDS } from '../bounds.ts';
import { rowsToFold } from './compact.ts';
import type { JournalRow } from './rows.ts';

function rows(count: number, bytes: number): JournalRow[] {
  return Array.from({ length: count }, (_, i) => ({ seq: i + 1, turn: new Uint8Array(bytes) }));
}

test('few rows stay as they are', t => {
  t.deepEqual(rowsToFold([]), []);
  t.deepEqual(rowsToFold(rows(BOUNDS.foldRows, 10)), []);
});

test('the last row is never folded', t => {
  const journal = rows(BOUNDS.foldRows + 1, 10);
  t.deepEqual(
    rowsToFold(journal).map(row => row.seq),
    journal.slice(0, -1).map(row => row.seq),
  );
});

test('a segment stays below its bound of bytes, and holds one row however large', t => {
  const third = BOUNDS.foldBytes / 3;
  t.is(rowsToFold(rows(BOUNDS.foldRows + 10, third)).length, 3);
  t.is(rowsToFold(rows(BOUNDS.foldRows + 10, BOUNDS.foldBytes * 2)).length, 1);
});
