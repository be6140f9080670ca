import test from 'ava';
import { DEFAULT_TASK_POLICY, parseTaskPolicy } from './task-policy.ts';

test('without options there is no time limit', t => {
  t.deepEqual(parseTaskPolicy({}, 'task "a"'), DEFAULT_TASK_POLICY);
});

test('timeouts become milliseconds', t => {
  t.like(parseTaskPolicy({ timeout: '30s', totalTimeout: '1h', heartbeatTimeout: 250 }, 'task "a"'), {
    timeoutMs: 30_000,
    totalTimeoutMs: 3_600_000,
    heartbeatTimeoutMs: 250,
  });
});

test('a timeout that is negative, NaN, zero, unitless or a word is refused by name', t => {
  for (const name of ['timeout', 'totalTimeout', 'heartbeatTimeout']) {
    for (const value of [-1, NaN, Infinity, 0, '0s', '10', 'soon', null, {}]) {
      t.throws(() => parseTaskPolicy({ [name]: value }, 'task "a"'), {
        code: 'VALIDATION',
        message: new RegExp(`^${name} of task "a"`),
      });
    }
  }
});

test('what is not given stays as in the base', t => {
  const base = parseTaskPolicy({ timeout: '30s', retry: { maxAttempts: 5, jitter: 0 } }, 'task "a"');
  t.deepEqual(parseTaskPolicy({ totalTimeout: '1h', retry: { maxAttempts: 2 } }, 'call', base), {
    ...base,
    totalTimeoutMs: 3_600_000,
    retry: { ...base.retry, maxAttempts: 2 },
  });
});
