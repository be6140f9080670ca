import test from 'ava';
import { BOUNDS } from '../bounds.ts';
import type { Eid } from '../ids/ids.ts';
import { FakeClock } from '../ports/fake-clock.ts';
import { type Suspect, Suspects } from './suspects.ts';
import { Timers } from './timers.ts';

const { crashesBeforeSuspect, suspectsGatherMs, suspectsAtOnce, suspectMs, suspectGrowth } = BOUNDS;
const ALONE = crashesBeforeSuspect + 1;

function scene({ lands = true } = {}) {
  const clock = new FakeClock(0);
  const suspects = new Suspects(new Timers(clock), () => clock.now());
  const begun: string[] = [];
  const add = (eid: number, { as = String(eid), ...more }: Partial<Suspect> & { as?: string } = {}) =>
    suspects.add({
      eid: eid as Eid,
      command: 1,
      crashes: ALONE,
      begunAt: null,
      begin() {
        begun.push(as);
        if (lands) suspects.begun(eid as Eid, 1);
      },
      ...more,
    });
  /** Who comes next is decided behind all that ends at once. */
  const end = async (...eids: number[]) => {
    for (const eid of eids) suspects.ended(eid as Eid, 1);
    await clock.advance(0);
  };
  return { clock, suspects, begun, add, end, gather: () => clock.advance(suspectsGatherMs) };
}

test('one begins at a time, the next after the end of the one before', async t => {
  const { suspects, begun, add, end, gather } = scene();
  for (const eid of [1, 2, 3]) add(eid);
  t.deepEqual(begun, []);
  await gather();
  t.deepEqual(begun, ['1']);
  await end(2, 1);
  t.deepEqual(begun, ['1', '3']);
  t.false(suspects.isEmpty);
  await end(3);
  t.true(suspects.isEmpty);
  add(4);
  await gather();
  t.deepEqual(begun, ['1', '3', '4']);
});

test('after the first deaths some begin together, the next when all of them have ended', async t => {
  const { begun, add, end, gather } = scene();
  const eids = Array.from({ length: suspectsAtOnce + 1 }, (_, i) => i + 1);
  for (const eid of eids) add(eid, { crashes: crashesBeforeSuspect });
  add(99);
  await gather();
  t.deepEqual(begun, ['99'], 'not with one that is more suspect');
  await end(99);
  t.deepEqual(begun, ['99', ...eids.slice(0, -1).map(String)]);
  await end(...eids.slice(1));
  t.is(begun.length, 1 + suspectsAtOnce);
  await end(1);
  t.is(begun.length, 1 + suspectsAtOnce, 'the last has ended before it began');
});

test('one without a result holds the others for a while only, the longer the more often it crashed', async t => {
  const { clock, begun, add, gather } = scene();
  add(1);
  add(2, { crashes: crashesBeforeSuspect });
  add(3, { crashes: ALONE + 1 });
  await gather();
  for (const [i, ms] of [suspectMs * suspectGrowth ** 2, suspectMs * suspectGrowth].entries()) {
    await clock.advance(ms - 1);
    t.is(begun.length, i + 1);
    await clock.advance(1);
  }
  t.deepEqual(begun, ['3', '1', '2']);
});

test('first is what crashed most, then what began last', async t => {
  const { begun, add, end, gather } = scene();
  add(1);
  add(2, { begunAt: 10 });
  add(3, { begunAt: 20 });
  add(4, { crashes: ALONE + 1, begunAt: 5 });
  await gather();
  await end(4);
  await end(3);
  await end(2);
  t.deepEqual(begun, ['4', '3', '2', '1']);
});

test('of an actor that was read back the new one begins', async t => {
  const { begun, add, end, gather } = scene();
  add(1);
  add(2, { as: 'dropped' });
  add(2, { as: 'read back' });
  await gather();
  await end(1);
  await end(2);
  t.deepEqual(begun, ['1', 'read back']);
});

test('a run that leaves memory holds up nobody', async t => {
  const { clock, suspects, begun, add, gather } = scene();
  for (const eid of [1, 2, 3]) add(eid);
  await gather();
  suspects.left(2 as Eid);
  suspects.left(1 as Eid);
  await clock.advance(0);
  t.deepEqual(begun, ['1', '3']);
  suspects.left(3 as Eid);
  await clock.advance(0);
  t.true(suspects.isEmpty);
});

test('the wait of the others begins when a body does', async t => {
  const { clock, suspects, begun, add, gather } = scene({ lands: false });
  add(1);
  add(2);
  await gather();
  await clock.advance(60_000);
  t.deepEqual(begun, ['1']);
  suspects.begun(1 as Eid, 1);
  await clock.advance(suspectMs * suspectGrowth - 1);
  t.deepEqual(begun, ['1']);
  await clock.advance(1);
  t.deepEqual(begun, ['1', '2']);
});

test('those behind the likely ones begin more at a time, unless the next death would hold them', async t => {
  for (const [crashes, atOnce] of [
    [ALONE, 2],
    [ALONE + 1, 1],
  ] as const) {
    const { clock, begun, add, gather } = scene();
    for (let eid = 1; eid <= 3 * suspectsAtOnce; eid++) add(eid, { crashes });
    await gather();
    const patienceMs = suspectMs * suspectGrowth ** (crashes - crashesBeforeSuspect);
    for (let turn = 1; turn < suspectsAtOnce; turn++) await clock.advance(patienceMs);
    t.is(begun.length, suspectsAtOnce);
    for (let turn = 0; turn < 2; turn++) await clock.advance(patienceMs);
    t.is(begun.length, suspectsAtOnce + 2 * atOnce);
  }
});
