import test from 'ava';
import type { Eid } from '@dfnsjs/actor-core/records';
import { Tails } from './tails.ts';

const eid = (n: number) => n as Eid;

test('what a transaction noted is known within it, and ever after only if it was committed', t => {
  const tails = new Tails();
  tails.note(eid(1), 4);
  t.is(tails.get(eid(1)), 4);
  tails.committed();
  tails.note(eid(1), 5);
  t.is(tails.get(eid(1)), 5);
  tails.rolledBack();
  t.is(tails.get(eid(1)), 4);
  tails.forget();
  t.is(tails.get(eid(1)), undefined);
});

test('runs not written for long are forgotten, those written lately are known', t => {
  const tails = new Tails();
  for (let n = 1; n <= 200_000; n++) {
    tails.note(eid(n), n);
    tails.committed();
  }
  t.is(tails.get(eid(1)), undefined);
  t.is(tails.get(eid(200_000)), 200_000);
  t.is(tails.get(eid(199_000)), 199_000);
});
