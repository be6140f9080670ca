import test from 'ava';
import type { Eid } from '@dfnsjs/actor-core/records';
import { Tails } from './tails.ts';

const eid = (n: number) => n as Eid;
const turn = (n: number, seq: number, closes = false) => ({
  eid: eid(n),
  journal: { seq, turn: new Uint8Array() },
  ...(closes && { update: { status: 'completed' as const } }),
});

test('what a transaction noted is known once it is committed, and what was rolled back never', t => {
  const tails = new Tails();
  tails.note(turn(1, 4));
  t.is(tails.get(eid(1)), undefined);
  tails.committed();
  t.is(tails.get(eid(1)), 4);
  tails.note(turn(1, 5));
  tails.rolledBack();
  tails.committed();
  t.is(tails.get(eid(1)), 4);
  tails.forget();
  t.is(tails.get(eid(1)), undefined);
});

test('a run that is closed is asked for no more', t => {
  const tails = new Tails();
  tails.note(turn(1, 4));
  tails.committed();
  tails.note(turn(1, 5, true));
  tails.committed();
  t.is(tails.get(eid(1)), undefined);
});

test('runs not written for long are forgotten, those written lately are known', t => {
  const tails = new Tails();
  for (let n = 1; n <= 200_000; n++) {
    tails.note(turn(n, n));
    tails.committed();
  }
  t.is(tails.get(eid(1)), undefined);
  t.is(tails.get(eid(200_000)), 200_000);
  t.is(tails.get(eid(199_000)), 199_000);
});
