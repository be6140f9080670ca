import type { Incarnation } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { KIND } from './items.ts';
import { Parts } from './parts.ts';

const A = 'a' as Incarnation;
const bytes = (...values: number[]) => Uint8Array.from(values);

test('an item is whole with its last part, in whatever order they come', t => {
  const parts = new Parts({ now: () => 0 });
  t.is(parts.add(A, [KIND.part, 1, 2, 3, bytes(5)]), undefined);
  t.is(parts.add(A, [KIND.part, 1, 0, 3, bytes(1, 2)]), undefined);
  t.is(parts.add(A, [KIND.part, 1, 0, 3, bytes(1, 2)]), undefined, 'twice');
  t.is(parts.add('b' as Incarnation, [KIND.part, 1, 1, 3, bytes(9)]), undefined, 'of another node');
  t.deepEqual([...parts.add(A, [KIND.part, 1, 1, 3, bytes(3, 4)])!], [1, 2, 3, 4, 5]);
});

test('what is never whole is forgotten', t => {
  let now = 0;
  const parts = new Parts({ now: () => now });
  parts.add(A, [KIND.part, 1, 0, 2, bytes(1)]);
  now = 60_000;
  parts.add(A, [KIND.part, 2, 0, 2, bytes(1)]);
  t.is(parts.add(A, [KIND.part, 1, 1, 2, bytes(2)]), undefined);
});

test('what is no part is dropped', t => {
  const parts = new Parts({ now: () => 0 });
  for (const fields of [
    [1, 0, 1, 'text'],
    [1, 2, 2, bytes(1)],
    [1, -1, 2, bytes(1)],
    [1, 0, 1e9, bytes(1)],
    ['x', 0, 1, bytes(1)],
  ]) {
    t.is(parts.add(A, [KIND.part, ...fields] as never), undefined);
  }
});
