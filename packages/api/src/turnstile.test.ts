import test from 'ava';
import { Turnstile } from './turnstile.ts';

test('requests that come together begin at once for a while, then one in a turn, in order', t => {
  let now = 0;
  const hops: (() => void)[] = [];
  const turnstile = new Turnstile({ now: () => now }, fn => void hops.push(fn));
  const begun: number[] = [];
  const pass = (n: number) =>
    turnstile.pass(() => {
      begun.push(n);
      now += 15;
    });
  for (let n = 0; n < 5; n++) pass(n);
  t.deepEqual(begun, [0, 1]);
  t.is(hops.length, 1);
  hops.shift()?.();
  t.deepEqual(begun, [0, 1, 2]);
  // One that comes later does not overtake.
  pass(5);
  hops.shift()?.();
  hops.shift()?.();
  hops.shift()?.();
  t.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
  t.is(hops.length, 0);
  pass(6);
  t.deepEqual(begun.at(-1), 6);
  hops.shift()?.();
  t.is(hops.length, 0);
});
