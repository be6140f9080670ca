import test from 'ava';
import { BOUNDS } from '../bounds.ts';
import type { Eid } from '../ids/ids.ts';
import { FakeClock } from '../ports/fake-clock.ts';
import { SingleStarts } from './single-starts.ts';
import { Timers } from './timers.ts';

function scene() {
  const clock = new FakeClock(0);
  const singles = new SingleStarts(new Timers(clock), () => clock.now());
  const begun: string[] = [];
  const add = (eid: number, as = String(eid)) => singles.add(eid as Eid, 1, () => begun.push(as));
  return { clock, singles, begun, add };
}

test('one begins at a time, the next after the end of the one before', t => {
  const { singles, begun, add } = scene();
  for (const eid of [1, 2, 3]) add(eid);
  t.deepEqual(begun, ['1']);
  singles.ended(2 as Eid, 1);
  singles.ended(1 as Eid, 1);
  t.deepEqual(begun, ['1', '3']);
  singles.ended(3 as Eid, 1);
  t.true(singles.isEmpty);
});

test('one without a result holds the others for a second only', async t => {
  const { clock, begun, add } = scene();
  add(1);
  add(2);
  await clock.advance(BOUNDS.singleStartMs - 1);
  t.deepEqual(begun, ['1']);
  await clock.advance(1);
  t.deepEqual(begun, ['1', '2']);
});

test('of an actor that was read back the new one begins', t => {
  const { singles, begun, add } = scene();
  add(1);
  add(2, 'dropped');
  add(2, 'read back');
  singles.ended(1 as Eid, 1);
  singles.ended(2 as Eid, 1);
  t.deepEqual(begun, ['1', 'read back']);
});
