import test from 'ava';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { conformance } from './conformance/index.ts';
import { Hub } from './hub.ts';

const clock = { hop: (fn: () => void) => void setImmediate(fn) };

conformance(
  'in-process',
  async () => {
    const hub = new Hub(clock);
    return { wire: () => hub.wire(), dispose: async () => undefined };
  },
  (title, body) => test(title, body),
);

test('nothing arrives while the code that sent it still runs', async t => {
  const hub = new Hub(clock);
  const [a, b] = [hub.wire(), hub.wire()];
  const came: number[] = [];
  await a.open('a' as Incarnation, () => undefined);
  await b.open('b' as Incarnation, frame => void came.push(frame[0]!));
  a.send('b' as Incarnation, Uint8Array.of(1));
  a.send('b' as Incarnation, Uint8Array.of(2));
  await Promise.resolve();
  t.deepEqual(came, []);
  await new Promise(setImmediate);
  t.deepEqual(came, [1, 2]);
  await t.throwsAsync(
    hub.wire().open('b' as Incarnation, () => undefined),
    { code: 'ALREADY_EXISTS' },
  );
});
