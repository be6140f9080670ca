import type { Eid } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { cursorOf, parsePlace } from './list-cursor.ts';

test('a cursor is read as it was made', t => {
  for (const place of [
    { startedAt: 1_893_456_000_000, eid: 2 ** 53 - 1 },
    { startedAt: 0.125, eid: 0 },
  ]) {
    const { startedAt, eid } = place;
    t.deepEqual(parsePlace(cursorOf({ startedAt, eid: eid as Eid })), place as never);
  }
});

test('what is no cursor is refused', t => {
  for (const wrong of ['', '5', '_', '1_', '_1', '1_2_3', '-1_2', '1_-2', '1e3_2', 'NaN_1', '1_99999999999999999999']) {
    t.throws(() => parsePlace(wrong), { code: 'VALIDATION' }, wrong);
  }
});
