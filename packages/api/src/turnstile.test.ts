import test from 'ava';
import { Turnstile } from './turnstile.ts';

test('requests that come together begin at once for a while, then a few in a turn, in order', t => {
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
  t.deepEqual(begun, [0, 1, 2, 3]);
  // One that comes later does not overtake.
  pass(5);
  hops.shift()?.();
  t.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
  hops.shift()?.();
  t.is(hops.length, 0);
  pass(6);
  t.deepEqual(begun.at(-1), 6);
  hops.shift()?.();
  t.is(hops.length, 0);
});

test('of those that wait no more than 32 begin in one turn, however fast they are', t => {
  let now = 0;
  const hops: (() => void)[] = [];
  const turnstile = new Turnstile({ now: () => now }, fn => void hops.push(fn));
  let begun = 0;
  turnstile.pass(() => (now += 20));
  for (let n = 0; n < 100; n++) turnstile.pass(() => void begun++);
  const turns = [begun];
  while (hops.length > 0) {
    hops.shift()?.();
    turns.push(begun);
  }
  t.deepEqual(turns, [0, 32, 64, 96, 100, 100]);
});

test('one that waits begins in the next turn, also after a turn in which all began with time to spare', t => {
  let now = 0;
  const hops: (() => void)[] = [];
  const turnstile = new Turnstile({ now: () => now }, fn => void hops.push(fn));
  const begun: string[] = [];
  for (const turn of ['first', 'second']) {
    turnstile.pass(() => (now += 20));
    turnstile.pass(() => void begun.push(turn));
    hops.shift()?.();
    t.is(begun.at(-1), turn);
    hops.shift()?.();
    t.is(hops.length, 0);
  }
});
