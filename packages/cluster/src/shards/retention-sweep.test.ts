import { Measurements, type Change, type Retired, type RetentionRule } from '@dfnsjs/actor-core/ports';
import type { Eid, Incarnation, RunId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { RetentionSweep, type RetentionSweepOptions } from './retention-sweep.ts';

const SELF = 'self' as Incarnation;
const RULES: readonly RetentionRule[] = [{ workflow: null, status: 'completed', closedBefore: 5 }];

/** A store with so many executions that are over, each of which takes so long to delete; waits end at once. */
function scene(over: number, { eachMs = 0.01, ...more }: Partial<RetentionSweepOptions> & { eachMs?: number } = {}) {
  let left = over;
  let time = 0;
  const limits: number[] = [];
  const waits: number[] = [];
  const lines: string[] = [];
  const measurements = new Measurements(() => 0);
  const persistence = { stopped: false, wait: async (ms: number) => void waits.push(ms) };
  const sweep = new RetentionSweep({
    store: {
      async retire(_incarnation, _rules, limit) {
        limits.push(limit);
        const gone = Math.min(left, limit);
        left -= gone;
        time += gone * eachMs;
        const of = {
          first: 1 as Eid,
          namespace: 'default',
          id: 'x',
          runId: 'r' as RunId,
          workflow: 'order',
          version: 1,
        };
        const each: Retired = { ...of, startedAt: 2, attributes: null, status: 'completed', turns: 3 };
        return Array.from({ length: gone }, () => each);
      },
    },
    clock: { elapsed: () => time, now: () => 7 },
    ...{ persistence, measurements, incarnation: SELF },
    log: { write: (level, message) => void lines.push(`${level} ${message}`) },
    rules: () => RULES,
    changes: () => null,
    isLeaving: () => false,
    ...more,
  });
  return { sweep, limits, waits, lines, measurements, persistence, left: () => left };
}

test('all that is over goes, some at a time, with pauses in between, and is counted', async t => {
  const { sweep, limits, waits, lines, measurements, left } = scene(2_000);
  await sweep.pass();
  t.is(left(), 0);
  t.true(limits.every(limit => limit <= 500));
  t.true(limits.length < 12);
  t.is(waits.length, limits.length - 1);
  t.true(waits.every(ms => ms >= 100));
  t.is(measurements.counter('executionsRetired', ['default', 'order']).value, 2_000);
  t.deepEqual(lines, ['info executions were deleted, since they are kept no longer']);
});

test('whoever listens is told what went, or that something may have gone where the store gave no answer', async t => {
  const told: Change[] = [];
  let missed = 0;
  const changes = () => ({ changed: (change: Change) => void told.push(change), missed: () => void missed++ });
  await scene(3, { changes }).sweep.pass();
  const of = { first: 1, namespace: 'default', id: 'x', runId: 'r', workflow: 'order', version: 1 };
  const change = {
    ...of,
    kind: 'deleted',
    startedAt: 2,
    attributes: null,
    held: null,
    status: 'completed',
    turn: 3,
    at: 7,
  };
  t.deepEqual(told as unknown[], [change, change, change]);
  t.is(missed, 0);
  const store: RetentionSweepOptions['store'] = {
    retire: async () => {
      throw new Error('away');
    },
  };
  await scene(3, { changes, store }).sweep.pass();
  t.is(missed, 1);
});

test('long histories are deleted a few at a time, and others have the store as long as each batch took', async t => {
  const { sweep, limits, waits } = scene(40, { eachMs: 200 });
  await sweep.pass();
  t.is(limits.at(-1), 1);
  t.true(waits.every((ms, at) => ms >= limits[at]! * 200));
});

test('nothing is asked of the store where nothing is over', async t => {
  const { sweep, limits } = scene(10, { rules: () => [] });
  await sweep.pass();
  t.deepEqual(limits, []);
});

test('where the store fails the pass ends, and the next begins with one', async t => {
  const asked: number[] = [];
  let isAway = true;
  const store: RetentionSweepOptions['store'] = {
    async retire(_incarnation, _rules, limit) {
      asked.push(limit);
      if (isAway) throw new Error('away');
      return [];
    },
  };
  const { sweep, lines, waits } = scene(10, { store });
  await sweep.pass();
  t.is(asked.length, 1);
  t.deepEqual(waits, []);
  t.deepEqual(lines, ['warn old executions could not be deleted; it is tried again later']);
  isAway = false;
  await sweep.pass();
  t.is(asked.at(-1), 1);
});

test('a node that stops, or gives its shards up, deletes no more', async t => {
  const stops = scene(2_000);
  stops.persistence.wait = async () => void (stops.persistence.stopped = true);
  await stops.sweep.pass();
  t.is(stops.limits.length, 1);
  let leaving = false;
  const leaves = scene(2_000, { isLeaving: () => leaving });
  leaves.persistence.wait = async () => void (leaving = true);
  await leaves.sweep.pass();
  t.is(leaves.limits.length, 1);
});
