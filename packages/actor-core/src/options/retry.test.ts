import test from 'ava';
import { DEFAULT_RETRY, parseRetry } from './retry.ts';

test('without options a task is tried for ever, 1 s × 2 up to 1 min, jitter 0.2', t => {
  t.deepEqual(parseRetry(undefined, 'retry'), {
    maxAttempts: Infinity,
    initialMs: 1_000,
    factor: 2,
    maxMs: 60_000,
    jitter: 0.2,
    nonRetryable: new Set(),
  });
});

test('durations become milliseconds and names a set', t => {
  const retry = parseRetry(
    { maxAttempts: 5, initial: '2s', factor: 1.5, max: '1h', jitter: 0, nonRetryable: ['BadAddress'] },
    'retry',
  );
  t.deepEqual(retry, {
    maxAttempts: 5,
    initialMs: 2_000,
    factor: 1.5,
    maxMs: 3_600_000,
    jitter: 0,
    nonRetryable: new Set(['BadAddress']),
  });
  t.true(Object.isFrozen(retry));
});

test('maxAttempts counts the first: 1 is allowed, 0 and fractions are refused', t => {
  t.is(parseRetry({ maxAttempts: 1 }, 'retry').maxAttempts, 1);
  t.is(parseRetry({ maxAttempts: Infinity }, 'retry').maxAttempts, Infinity);
  for (const maxAttempts of [0, -1, 1.5, NaN, '3', null]) {
    t.throws(() => parseRetry({ maxAttempts }, 'retry of task "a"'), {
      code: 'VALIDATION',
      message: /^maxAttempts of retry of task "a"/,
    });
  }
});

test('a wrong value is refused by name', t => {
  const refused: [object, RegExp][] = [
    [{ initial: 'soon' }, /^initial of retry/],
    [{ max: -1 }, /^max of retry/],
    [{ factor: 0.5 }, /^factor of retry/],
    [{ factor: Infinity }, /^factor of retry/],
    [{ jitter: 1.1 }, /^jitter of retry/],
    [{ jitter: NaN }, /^jitter of retry/],
    [{ nonRetryable: 'BadAddress' }, /^nonRetryable of retry/],
    [{ nonRetryable: [TypeError] }, /^nonRetryable of retry/],
    [{ maxAttemps: 3 }, /Did you mean "maxAttempts"/],
  ];
  for (const [options, message] of refused)
    t.throws(() => parseRetry(options, 'retry'), { code: 'VALIDATION', message });
});

test('initial longer than max is refused', t => {
  t.throws(() => parseRetry({ initial: '2m', max: '1m' }, 'retry'), { code: 'VALIDATION', message: /longer than max/ });
});

test('initial or max alone moves the other, which was not asked for', t => {
  t.like(parseRetry({ initial: '5m' }, 'retry'), { initialMs: 300_000, maxMs: 300_000 });
  t.like(parseRetry({ max: '10ms' }, 'retry'), { initialMs: 10, maxMs: 10 });
});

test('what is not given stays as in the base', t => {
  const base = parseRetry({ initial: '3s', nonRetryable: ['BadAddress'] }, 'retry');
  t.deepEqual(parseRetry({ maxAttempts: 2 }, 'retry', base), { ...base, maxAttempts: 2 });
  t.deepEqual(parseRetry({}, 'retry'), DEFAULT_RETRY);
});
