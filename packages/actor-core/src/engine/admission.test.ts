import test from 'ava';
import { overloadOf, retryAfterMs, type Entry, type Load, type Overload } from './admission.ts';

const BOUNDS = { mailbox: 10, backlog: 100, bytes: 5_000, bodies: 50, lagMs: 1_000, silentMs: 2_000 };
const IDLE: Load = { calls: 0, waiting: 0, bytes: 0, bodies: 0, mailbox: 0, lagMs: 0, silentMs: 0 };

const CASES: readonly (readonly [Entry, Partial<Load>, Overload | null])[] = [
  ['start', {}, null],
  ['start', { calls: 99, waiting: 99, bytes: 4_999, bodies: 49, lagMs: 999, silentMs: 1_999 }, null],
  ['start', { calls: 100 }, 'backlog'],
  ['start', { waiting: 100 }, 'backlog'],
  ['start', { bytes: 5_000 }, 'bytes'],
  ['start', { bodies: 50 }, 'bodies'],
  ['start', { lagMs: 1_000 }, 'event-loop'],
  ['start', { silentMs: 2_000 }, 'store'],
  ['message', {}, null],
  ['message', { calls: 199, waiting: 199, bytes: 9_999, bodies: 99, lagMs: 1_999, silentMs: 3_999, mailbox: 9 }, null],
  ['message', { calls: 200 }, 'backlog'],
  ['message', { waiting: 200 }, 'backlog'],
  ['message', { bytes: 10_000 }, 'bytes'],
  ['message', { bodies: 100 }, 'bodies'],
  ['message', { lagMs: 2_000 }, 'event-loop'],
  ['message', { silentMs: 4_000 }, 'store'],
  ['message', { mailbox: 10 }, 'mailbox'],
  ['message', { mailbox: 10, calls: 200, lagMs: 2_000 }, 'mailbox'],
];

for (const [entry, load, expected] of CASES) {
  test(`${entry} at ${JSON.stringify(load)}: ${expected ?? 'enters'}`, t => {
    t.is(overloadOf(entry, { ...IDLE, ...load }, BOUNDS), expected);
  });
}

test('those refused together come again at different times, later where the loop is further behind', t => {
  t.is(retryAfterMs(IDLE, 0), 500);
  t.is(retryAfterMs(IDLE, 0.999), 1_499);
  t.is(retryAfterMs({ ...IDLE, lagMs: 4_000 }, 0.5), 4_000);
});
