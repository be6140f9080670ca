import test from 'ava';
import { decodeCarry, encodeCarry, type Carried } from './carry.ts';

test('what is handed to the next run comes back as it was', t => {
  const carried: Carried = {
    sends: 3,
    lastAccepted: 1_700_000_000_001,
    signals: [
      ['a', Buffer.from([1]) as never],
      ['__proto__', Buffer.from([]) as never],
    ],
    known: [
      ['m1' as never, 1_700_000_000_000, null, null],
      ['m2' as never, 5, false, Buffer.from([2]) as never],
    ],
  };
  t.deepEqual(decodeCarry(encodeCarry(carried)), carried);
});

test('another version, and bytes that are none, are refused', t => {
  t.throws(() => decodeCarry(Buffer.from([0x91, 9]) as never), { code: 'INTERNAL', message: /version 9/ });
  for (const bytes of [[], [0xc1], [0x01], [0xc0]]) {
    t.throws(() => decodeCarry(Buffer.from(bytes) as never), { code: 'INTERNAL' });
  }
});
