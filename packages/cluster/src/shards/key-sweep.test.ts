import test from 'ava';
import { sweepKeys } from './key-sweep.ts';
import { Persistence } from './persistence.ts';

/** A store with so many expired keys; timers ring at once, and are counted. */
function scene(expired: number) {
  let left = expired;
  const limits: number[] = [];
  let waits = 0;
  const clock = {
    now: () => 0,
    setTimer(_: number, ring: () => void) {
      waits++;
      queueMicrotask(ring);
      return { cancel: () => undefined };
    },
    hop: () => undefined,
    lag: () => 0,
    afterMicrotasks: () => undefined,
  };
  const persistence = new Persistence(clock, { write: () => undefined });
  const expireKeys = async (limit: number) => {
    limits.push(limit);
    const gone = Math.min(left, limit);
    left -= gone;
    return gone;
  };
  return { persistence, expireKeys, limits, left: () => left, waits: () => waits };
}

test('all expired keys go, a thousand at a time, with pauses in between', async t => {
  const { persistence, expireKeys, limits, left, waits } = scene(2_500);
  await sweepKeys({ expireKeys }, persistence);
  t.is(left(), 0);
  t.deepEqual(limits, [1_000, 1_000, 1_000]);
  t.is(waits(), 2);
});

test('a store that fails is asked again; a node that stops sweeps no more', async t => {
  const { persistence, expireKeys, left } = scene(2_500);
  let calls = 0;
  const failing = async (limit: number) => {
    if (++calls === 1) throw new Error('away');
    if (calls === 3) persistence.stop();
    return expireKeys(limit);
  };
  await sweepKeys({ expireKeys: failing }, persistence);
  t.is(left(), 500);
});
