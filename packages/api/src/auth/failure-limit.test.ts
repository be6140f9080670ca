import test from 'ava';
import { FailureLimit } from './failure-limit.ts';

test('after 20 failures in a minute an address waits for the rest of it', t => {
  const limit = new FailureLimit();
  for (let n = 0; n < 20; n++) {
    t.is(limit.waitMs('a', n), 0);
    limit.failed('a', n);
  }
  t.is(limit.waitMs('a', 1_000), 59_000);
  t.is(limit.waitMs('b', 1_000), 0);
  t.is(limit.waitMs('a', 60_000), 0);
  limit.failed('a', 60_000);
  t.is(limit.waitMs('a', 60_001), 0);
});

test('of many addresses the oldest are forgotten', t => {
  const limit = new FailureLimit();
  for (let n = 0; n < 20; n++) limit.failed('first', 0);
  for (let n = 0; n < 10_000; n++) limit.failed(`a${n}`, 1);
  t.is(limit.waitMs('first', 1), 0);
});
