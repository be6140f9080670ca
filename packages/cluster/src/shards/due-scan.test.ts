import test from 'ava';
import { Look } from '@dfnsjs/actor-core/engine';
import type { Store, Timer } from '@dfnsjs/actor-core/ports';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';
import { DueScan, LOOK_AHEAD_MS } from './due-scan.ts';
import { Persistence } from './persistence.ts';
import { Waker } from './waker.ts';

/** A store of due rows, a clock that a test sets, and what was woken. */
function scene(rows: Record<number, number>, residents: readonly number[] = []) {
  const woken: number[] = [];
  const timers = new Map<Timer, { at: number; ring: () => void }>();
  const clock = {
    time: 10_000,
    now: () => clock.time,
    setTimer(at: number, ring: () => void): Timer {
      const timer: Timer = { cancel: () => timers.delete(timer) };
      timers.set(timer, { at, ring });
      return timer;
    },
    hop: () => undefined,
    afterMicrotasks: () => undefined,
    lag: () => 0,
  };
  const due: Store['due'] = async ([from], until, limit) => {
    const after = from?.after;
    return Object.entries(rows)
      .map(([eid, wakeAt]) => ({ shard: 0 as ShardId, eid: Number(eid) as Eid, wakeAt }))
      .filter(row => row.wakeAt <= until)
      .filter(row => !after || row.wakeAt > after.wakeAt || (row.wakeAt === after.wakeAt && row.eid > after.eid))
      .sort((a, b) => a.wakeAt - b.wakeAt || a.eid - b.eid)
      .slice(0, limit);
  };
  const persistence = new Persistence(clock, { write: () => undefined });
  const waker = new Waker({ load: async eids => eids.map(eid => (woken.push(eid), undefined)) }, NOBODY, persistence);
  const isResident = (eid: Eid) => residents.includes(eid);
  const scan = new DueScan({ store: { due }, clock, waker, persistence, shards: () => [0 as ShardId], isResident });
  return { scan, woken, clock, timers, persistence, at: () => [...timers.values()].map(({ at }) => at) };
}

const NOBODY = {
  residentOf: () => undefined,
  wake: async () => undefined,
  wakeLoaded: async () => undefined,
  look: () => new Look([], () => undefined),
};

test('what is due by now and soon is woken, in order; what was in hand is not looked for again', async t => {
  const { scan, woken, clock } = scene({ 1: 0, 2: 12_000, 3: 9_000, 4: 12_001 });
  await scan.run();
  t.deepEqual(woken, [3, 2]);
  t.is(scan.scanned, clock.time + LOOK_AHEAD_MS);
});

test('the bound is that of the scan that was started, also while it runs', t => {
  const { scan, clock } = scene({});
  void scan.run();
  t.is(scan.scanned, clock.time + LOOK_AHEAD_MS);
});

test('the next scan comes a little before the next is due, and none where nothing is', async t => {
  const some = scene({ 1: 50_000, 2: 90_000 });
  await some.scan.run();
  t.deepEqual(some.at(), [50_000 - LOOK_AHEAD_MS]);
  const none = scene({ 1: 0 });
  await none.scan.run();
  t.deepEqual(none.at(), []);
});

test('where one after the other comes due a scan takes those of a second, and is a second ahead of them', async t => {
  const rows = Object.fromEntries(Array.from({ length: 4_000 }, (_, n) => [n + 1, 10_001 + n]));
  const { scan, woken, clock, at } = scene(rows);
  await scan.run();
  t.is(new Set(woken).size, 2_000);
  t.deepEqual(at(), [11_000]);
  clock.time = 11_000;
  await scan.run();
  t.is(new Set(woken).size, 3_000);
  t.deepEqual(at(), [12_000]);
});

test('rows of actors in memory ask for no scan: they have timers of their own', async t => {
  const { scan, at } = scene({ 1: 50_000, 2: 90_000 }, [1]);
  await scan.run();
  t.deepEqual(at(), [90_000 - LOOK_AHEAD_MS]);
});

test('an actor that leaves memory brings the next scan forward, never back', async t => {
  const { scan, at } = scene({ 1: 50_000 });
  await scan.run();
  scan.passivated(40_000);
  t.deepEqual(at(), [40_000 - LOOK_AHEAD_MS]);
  scan.passivated(60_000);
  t.deepEqual(at(), [40_000 - LOOK_AHEAD_MS]);
});

test('an actor that leaves memory while it is scanned is not forgotten, whenever that is', async t => {
  for (let turns = 0; turns < 12; turns++) {
    const { scan, at } = scene({ 1: 50_000 });
    const scanned = scan.run();
    for (let i = 0; i < turns; i++) await Promise.resolve();
    scan.passivated(40_000);
    await scanned;
    t.deepEqual(at(), [40_000 - LOOK_AHEAD_MS], `after ${turns} turns`);
  }
});

test('more rows than a page are all woken', async t => {
  const rows = Object.fromEntries(Array.from({ length: 2_500 }, (_, n) => [n + 1, 5_000 + (n % 7)]));
  const { scan, woken } = scene(rows);
  await scan.run();
  t.is(new Set(woken).size, 2_500);
});

test('a stopped scan asks for no more', async t => {
  const { scan, at, persistence } = scene({ 1: 50_000 });
  await scan.run();
  persistence.stop();
  scan.stop();
  scan.passivated(20_000);
  t.deepEqual(at(), []);
});
