import test from 'ava';
import { outOfOrder } from './check.ts';
import { begunAgain, type Begun } from './ledger.ts';

const notes = (from: string, ...numbers: number[]) => numbers.map(n => ({ from, n }));

test('messages that are missing, doubled, overtaken or that nobody sent are found', t => {
  const sent = new Map([
    ['a', 3],
    ['b', 1],
  ]);
  t.deepEqual(outOfOrder('e', sent, [...notes('a', 1, 2), ...notes('b', 1), ...notes('a', 3)]), []);
  for (const taken of [notes('a', 1, 2), notes('a', 1, 2, 2, 3), notes('a', 1, 3, 2), notes('a', 1, 2, 3, 4)]) {
    t.is(outOfOrder('e', sent, [...notes('b', 1), ...taken]).length, 1);
  }
});

test('a body that began again is found, unless it may and its node died', t => {
  const begun = (kind: Begun['kind'], place: string): Begun => ({ kind, key: 'k', place });
  const died = new Set(['x']);
  t.deepEqual(begunAgain([begun('again', 'x'), begun('once', 'x'), begun('again', 'y')], died), []);
  t.is(begunAgain([begun('again', 'x'), begun('again', 'y'), begun('again', 'x')], died).length, 1);
  t.is(begunAgain([begun('once', 'x'), begun('once', 'y')], died).length, 1);
});
