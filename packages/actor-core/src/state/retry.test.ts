import test from 'ava';
import { DEFAULT_RETRY } from '../options/retry.ts';
import { nextAttempt } from './retry.ts';

const failed = { counted: 1, final: false, afterMs: null, deadline: null };
const wait = (counted: number, chance: number, retry = DEFAULT_RETRY) => {
  const next = nextAttempt(retry, { ...failed, counted }, 0, chance);
  return next.kind === 'retry' ? next.at : next.because;
};

test('waits double from 1 s to 1 min, give or take a fifth', t => {
  t.deepEqual(
    [1, 2, 3, 7, 8, 10_000].map(n => wait(n, 0.5)),
    [1_000, 2_000, 4_000, 60_000, 60_000, 60_000],
  );
  t.deepEqual([wait(1, 0), wait(1, 0.999_999)], [800, 1_200]);
  t.is(wait(9, 0), 48_000);
});

test('no wait stays no wait, however often it is doubled', t => {
  t.is(wait(5_000, 0.5, { ...DEFAULT_RETRY, initialMs: 0 }), 0);
});

test('attempts end at maxAttempts, at an error that forbids more, and before the deadline', t => {
  const three = { ...DEFAULT_RETRY, maxAttempts: 3 };
  t.deepEqual([wait(2, 0.5, three), wait(3, 0.5, three), wait(4, 0.5, three)], [2_000, 'attempts', 'attempts']);
  t.deepEqual(nextAttempt(three, { ...failed, final: true }, 0, 0), { kind: 'give-up', because: 'final' });
  t.deepEqual(nextAttempt(three, { ...failed, deadline: 1_000 }, 0, 0.5), { kind: 'give-up', because: 'deadline' });
  t.deepEqual(nextAttempt(three, { ...failed, deadline: 1_001 }, 0, 0.5), { kind: 'retry', at: 1_000 });
});

test('an error that says when is taken at its word', t => {
  t.deepEqual(nextAttempt(DEFAULT_RETRY, { ...failed, afterMs: 30_000 }, 5, 0), { kind: 'retry', at: 30_005 });
});
