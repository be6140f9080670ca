import test from 'ava';
import { parseRetention } from './retention.ts';

const DAY_MS = 86_400_000;

test('one time is kept for each way to end', t => {
  t.deepEqual(
    parseRetention('1d', 'retention'),
    new Map([
      ['completed', DAY_MS],
      ['failed', DAY_MS],
      ['timed-out', DAY_MS],
      ['cancelled', DAY_MS],
      ['terminated', DAY_MS],
    ]),
  );
});

test('what is left out stays for good', t => {
  t.deepEqual(
    parseRetention({ failed: '2d', completed: undefined }, 'retention'),
    new Map([
      ['failed', 2 * DAY_MS],
      ['timed-out', 2 * DAY_MS],
    ]),
  );
});

test('less than the time for which an idempotency key is answered is refused', t => {
  for (const value of ['23h', 0, { completed: '1h' }]) {
    t.throws(() => parseRetention(value, 'retention'), { code: 'VALIDATION', message: /at least one day/ });
  }
});

test('what is no retention is refused with the name of the option', t => {
  t.throws(() => parseRetention('week', 'retention of workflow "a"'), { message: /^retention of workflow "a"/ });
  t.throws(() => parseRetention({ failed: 'week' }, 'retention of workflow "a"'), {
    message: /^failed of retention of workflow "a"/,
  });
  t.throws(() => parseRetention({ timedOut: '7d' }, 'retention'), { message: /no option "timedOut"/ });
  for (const value of [null, [], true]) t.throws(() => parseRetention(value, 'retention'), { code: 'VALIDATION' });
});
