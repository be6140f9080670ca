import test from 'ava';
import { guard, unguarded } from './guard.ts';
import { setRunning, type Impurity, type RunningCode } from './running.ts';

/** What code called while it was running. */
function inTurn(code: () => unknown): string[] {
  const calls: string[] = [];
  const workflow: RunningCode = {
    impure: ({ call, instead }: Impurity) => void calls.push(`${call} -> ${instead}`),
    foreignRejection: () => undefined,
    foreignHandled: () => false,
  };
  setRunning(workflow);
  try {
    code();
  } finally {
    setRunning(null);
  }
  return calls;
}

test.serial('a call that no replay can repeat is told to the workflow whose code is running, and is made', t => {
  const end = guard();
  t.teardown(end);
  let date: Date | undefined;
  const calls = inTurn(() => {
    t.true(Date.now() > 1e12);
    date = new Date();
    t.is(typeof Date(), 'string');
    t.true(Math.random() < 1);
    clearTimeout(setTimeout(() => undefined, 1));
    clearInterval(setInterval(() => undefined, 1));
    clearImmediate(setImmediate(() => undefined));
    void fetch('data:,').catch(() => undefined);
    t.true(performance.now() > 0);
    t.is(crypto.randomUUID().length, 36);
    crypto.getRandomValues(new Uint8Array(1));
  });
  t.deepEqual(calls, [
    'Date.now() -> ctx.now()',
    'new Date() -> ctx.now()',
    'Date() -> ctx.now()',
    'Math.random() -> ctx.random()',
    'setTimeout() -> ctx.sleep',
    'setInterval() -> ctx.sleep',
    'setImmediate() -> ctx.sleep',
    'fetch() -> ctx.step or a task',
    'performance.now() -> ctx.now()',
    'crypto.randomUUID() -> ctx.uuid()',
    'crypto.getRandomValues() -> ctx.random()',
  ]);
  t.true(date instanceof Date);
});

test.serial('what is pure is let be: a date of something, code outside a turn, what is exempt', t => {
  const end = guard();
  t.teardown(end);
  t.true(Date.now() > 1e12);
  class Day extends Date {}
  const calls = inTurn(() => {
    t.is(new Date(5).getTime(), 5);
    t.true(new Day(5) instanceof Day);
    t.is(new Date(2026, 0).getMonth(), 0);
    t.is(Date.UTC(1970, 0), 0);
    t.is(new Date(5).constructor, Date);
    t.is(Date.length, 7);
    unguarded(() => Date.now());
  });
  t.deepEqual(calls, []);
});

test.serial('nothing is replaced before the first guard and after the last, and properties stay', t => {
  const before = [Date, Date.now, Math.random, setTimeout, fetch, performance.now, crypto.randomUUID];
  const now = () => [Date, Date.now, Math.random, setTimeout, fetch, performance.now, crypto.randomUUID];
  const first = guard();
  const second = guard();
  first();
  first();
  t.false(now().some((each, i) => each === before[i]));
  t.is(typeof Reflect.get(setTimeout, Symbol.for('nodejs.util.promisify.custom')), 'function');
  const madeMeanwhile = new Date();
  second();
  t.deepEqual(now(), before);
  t.true(madeMeanwhile instanceof Date);
  t.is(Object.getOwnPropertyDescriptor(performance, 'now'), undefined);
  t.is(madeMeanwhile.constructor, Date);
});

test.serial('a replacement that somebody put over it is left standing', t => {
  const { random } = Math;
  const end = guard();
  Math.random = () => 0.5;
  end();
  t.is(Math.random(), 0.5);
  Math.random = random;
});
