import test from 'ava';
import type { Change, Timer } from '@dfnsjs/actor-core/ports';
import type { Eid, RunId } from '@dfnsjs/actor-core/records';
import { ChangeFeed, type FeedOptions } from './change-feed.ts';
import type { Reader } from './reader.ts';

/** A feed under a clock that a test moves. */
function scene(options: Partial<FeedOptions> = {}) {
  const timers = new Map<Timer, { at: number; ring: () => void }>();
  let now = 0;
  const clock = {
    now: () => now,
    setTimer(at: number, ring: () => void): Timer {
      const timer: Timer = { cancel: () => timers.delete(timer) };
      timers.set(timer, { at, ring });
      return timer;
    },
  };
  const heard: boolean[] = [];
  const feed = new ChangeFeed({ clock, hear: listening => heard.push(listening), ...options });
  const advance = (ms: number) => {
    now += ms;
    for (const [timer, { at, ring }] of timers) {
      if (at > now) continue;
      timers.delete(timer);
      ring();
    }
  };
  return { feed, heard, advance, timers };
}

function change(id: string, turn: number, kind: Change['kind'] = 'attributes-set', more: Partial<Change> = {}): Change {
  return {
    kind,
    first: Number(id) as Eid,
    namespace: 'default',
    id,
    runId: `run-${id}` as RunId,
    workflow: 'w',
    version: 1,
    startedAt: 0,
    attributes: null,
    status: 'running',
    held: null,
    turn,
    at: 0,
    ...more,
  };
}

function taken(reader: Reader): string[] {
  const all: string[] = [];
  for (let next = reader.take(); next !== undefined; next = reader.take()) {
    all.push(next === 'missed' ? next : `${next.id} ${next.kind} ${next.turn}`);
  }
  return all;
}

test('it hears only while somebody listens, and a while after', t => {
  const { feed, heard, advance } = scene();
  t.deepEqual(heard, []);
  const [one, two] = [feed.open(), feed.open()];
  t.deepEqual(heard, [true]);
  one.close();
  one.close();
  two.close();
  advance(59_999);
  t.deepEqual(heard, [true]);
  const back = feed.open();
  advance(60_000);
  t.deepEqual(heard, [true]);
  back.close();
  advance(60_000);
  t.deepEqual(heard, [true, false]);
  feed.open();
  t.deepEqual(heard, [true, false, true]);
});

test('whoever comes back in time goes on where it was; after that it is told that some are missing', t => {
  const { feed, advance } = scene();
  const reader = feed.open();
  feed.changed(change('1', 1));
  t.deepEqual(taken(reader), ['1 attributes-set 1']);
  const { place } = reader;
  reader.close();
  feed.changed(change('1', 2));
  const back = feed.open(place);
  t.deepEqual(taken(back), ['1 attributes-set 2']);
  const at = back.place;
  back.close();
  advance(60_000);
  const late = feed.open(at);
  t.true(late.isLost);
  feed.changed(change('1', 3));
  t.deepEqual(taken(late), ['missed', '1 attributes-set 3'].slice(0, 1));
  feed.changed(change('1', 4));
  t.deepEqual(taken(late), ['1 attributes-set 4']);
  t.true(feed.open(99).isLost, 'a place that is yet to come');
});

test('a reader that is slower than what is kept is told so once, and goes on with what comes then', t => {
  const { feed } = scene({ kept: 10 });
  const [slow, fast] = [feed.open(), feed.open()];
  for (let n = 1; n <= 25; n++) {
    feed.changed(change('1', n));
    t.deepEqual(taken(fast), [`1 attributes-set ${n}`]);
  }
  t.deepEqual(taken(slow), ['missed']);
  feed.changed(change('1', 26));
  t.deepEqual(taken(slow), ['1 attributes-set 26']);
});

test('what is kept is bounded by bytes too', t => {
  const { feed } = scene();
  const reader = feed.open();
  const { place } = reader;
  for (let n = 1; n <= 200; n++) {
    feed.changed(change('1', n, 'attributes-set', { attributes: new Map([['a', 'x'.repeat(100_000)]]) }));
  }
  t.deepEqual(taken(reader), ['missed']);
  const kept = Array.from({ length: 200 }, (_, n) => place + n).filter(number => !feed.open(number).isLost);
  t.true(kept.length > 50 && kept.length < 100, `${kept.length} are kept`);
});

test('turns that follow on each other are told as the last of them; what tells more is told at once, and in order', t => {
  const { feed, advance } = scene();
  const reader = feed.open();
  for (let n = 1; n <= 50; n++) feed.changed(change('1', n, 'changed'));
  feed.changed(change('2', 1, 'changed'));
  t.deepEqual(taken(reader), []);
  advance(100);
  t.deepEqual(taken(reader), ['1 changed 50', '2 changed 1']);
  feed.changed(change('1', 51, 'changed'));
  feed.changed(change('1', 52, 'closed'));
  feed.changed(change('2', 2, 'changed'));
  t.deepEqual(taken(reader), ['1 closed 52']);
  advance(100);
  t.deepEqual(taken(reader), ['2 changed 2'], 'what is behind it is not told after it');
  for (let n = 1; n <= 1_000; n++) feed.changed(change(String(n), 1, 'changed'));
  t.is(taken(reader).length, 1_000, 'without waiting, where there are many');
});

test('a reader that waits is woken by a change, an abort, and the end of the node', async t => {
  const { feed } = scene();
  const reader = feed.open();
  const woken = reader.more(undefined);
  feed.changed(change('1', 1));
  await woken;
  t.deepEqual(taken(reader), ['1 attributes-set 1']);
  const abort = new AbortController();
  const aborted = reader.more(abort.signal);
  abort.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  await t.throwsAsync(reader.more(abort.signal), { message: 'enough' });
  const stopped = reader.more(undefined);
  feed.stop();
  await t.throwsAsync(stopped, { code: 'UNAVAILABLE' });
  await t.throwsAsync(reader.more(undefined), { code: 'UNAVAILABLE' });
  t.throws(() => feed.open(), { code: 'UNAVAILABLE' });
});

test('an end leaves no timer behind', t => {
  const { feed, timers, heard } = scene();
  const reader = feed.open();
  feed.changed(change('1', 1, 'changed'));
  feed.stop();
  reader.close();
  t.is(timers.size, 0);
  t.deepEqual(heard, [true, false]);
});

test('what may have been missed is told to all who read', t => {
  const { feed } = scene();
  const reader = feed.open();
  feed.changed(change('1', 1));
  feed.missed();
  feed.changed(change('1', 2));
  t.deepEqual(taken(reader), ['1 attributes-set 1', 'missed', '1 attributes-set 2']);
});

test('more than may listen are OVERLOADED, until one ends', t => {
  const { feed } = scene({ readers: 2 });
  const first = feed.open();
  feed.open();
  t.throws(() => feed.open(), { code: 'OVERLOADED' });
  first.close();
  t.notThrows(() => feed.open());
});
