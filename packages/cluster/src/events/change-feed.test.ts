import test from 'ava';
import type { Change, Timer } from '@dfnsjs/actor-core/ports';
import type { Eid, RunId } from '@dfnsjs/actor-core/records';
import { ChangeFeed, type ChangeFeedOptions } from './change-feed.ts';

/** A feed under a clock that a test moves. */
function scene(options: Partial<ChangeFeedOptions> = {}) {
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
  const told: number[] = [];
  const feed: ChangeFeed = new ChangeFeed({
    ...{ clock, name: 'a', hear: listening => heard.push(listening), told: () => told.push(feed.end) },
    ...options,
  });
  const advance = (ms: number) => {
    now += ms;
    for (const [timer, { at, ring }] of timers) {
      if (at > now) continue;
      timers.delete(timer);
      ring();
    }
  };
  return { feed, heard, told, advance, timers };
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

/** All that is told from a place on. */
function from(feed: ChangeFeed, place: number): string[] {
  const all: string[] = [];
  for (; ; place++) {
    const next = feed.read(place);
    if (next === undefined) return all;
    if (next === 'lost') return [...all, 'lost'];
    all.push(next === null ? 'missed' : `${next.id} ${next.kind} ${next.turn}`);
  }
}

test('it hears only while somebody listens, and a while after', t => {
  const { feed, heard, advance } = scene();
  t.deepEqual(heard, []);
  feed.listened();
  feed.listened();
  t.deepEqual(heard, [true]);
  feed.left();
  feed.left();
  advance(59_999);
  t.deepEqual(heard, [true]);
  feed.listened();
  advance(60_000);
  t.deepEqual(heard, [true]);
  feed.left();
  advance(60_000);
  t.deepEqual(heard, [true, false]);
  feed.listened();
  t.deepEqual(heard, [true, false, true]);
});

test('who listens at another node is heard for as long as it says so, and a while after', t => {
  const { feed, heard, advance } = scene();
  feed.listenedAfar();
  advance(50_000);
  feed.listenedAfar();
  advance(50_000);
  t.deepEqual(heard, [true]);
  feed.listened();
  feed.listenedAfar();
  advance(60_000);
  t.deepEqual(heard, [true], 'somebody listens here as well');
  feed.left();
  advance(60_000);
  t.deepEqual(heard, [true, false]);
});

test('from its beginning on nothing is missing where it hears before anybody listens', t => {
  const { feed, heard, advance } = scene();
  feed.begin();
  feed.changed(change('1', 1));
  advance(9_999);
  feed.listenedAfar();
  feed.changed(change('1', 2));
  t.deepEqual(from(feed, 1), ['1 attributes-set 1', '1 attributes-set 2']);
  advance(60_000);
  t.deepEqual(heard, [true, false]);
  t.deepEqual(from(feed, 1), ['lost']);
  const late = scene();
  late.feed.listened();
  late.feed.changed(change('1', 2));
  t.deepEqual(from(late.feed, 1), ['lost'], 'what was before is not known');
});

test('a node that begins once more, as another, is heard for as long as somebody listens', t => {
  const { feed, heard, advance } = scene();
  feed.begin();
  feed.listened();
  feed.begin();
  advance(60_000);
  t.deepEqual(heard, [true]);
  feed.changed(change('1', 1));
  t.is(feed.end, 2);
});

test('whoever comes back in time goes on where it was; after that it is lost', t => {
  const { feed, advance } = scene();
  feed.listened();
  feed.changed(change('1', 1));
  const { end } = feed;
  feed.left();
  feed.changed(change('1', 2));
  advance(59_999);
  feed.listened();
  t.deepEqual(from(feed, end), ['1 attributes-set 2']);
  feed.left();
  const at = feed.end;
  advance(60_000);
  t.deepEqual(from(feed, at), ['lost']);
  feed.listened();
  feed.changed(change('1', 3));
  t.deepEqual(from(feed, at), ['lost']);
  t.deepEqual(from(feed, 99), ['lost'], 'a place that is yet to come');
});

test('what is kept is bounded by count and by bytes', t => {
  const { feed } = scene({ kept: 10 });
  feed.listened();
  const { end } = feed;
  for (let n = 1; n <= 25; n++) feed.changed(change('1', n));
  t.deepEqual(from(feed, end), ['lost']);
  t.is(from(feed, feed.end - 10).length, 10);
  const large = scene().feed;
  large.listened();
  const first = large.end;
  for (let n = 1; n <= 200; n++) {
    large.changed(change('1', n, 'attributes-set', { attributes: new Map([['a', 'x'.repeat(100_000)]]) }));
  }
  const kept = Array.from({ length: 200 }, (_, n) => first + n).filter(number => large.read(number) !== 'lost');
  t.true(kept.length > 50 && kept.length < 100, `${kept.length} are kept`);
});

test('turns that follow on each other are told as the last of them; what tells more is told at once, and in order', t => {
  const { feed, told, advance } = scene();
  feed.listened();
  let place = feed.end;
  const taken = () => {
    const all = from(feed, place);
    place = feed.end;
    return all;
  };
  for (let n = 1; n <= 50; n++) feed.changed(change('1', n, 'changed'));
  feed.changed(change('2', 1, 'changed'));
  t.deepEqual(taken(), []);
  t.is(told.length, 0);
  advance(100);
  t.is(told.length, 1);
  t.deepEqual(taken(), ['1 changed 50', '2 changed 1']);
  feed.changed(change('1', 51, 'changed'));
  feed.changed(change('1', 52, 'closed'));
  feed.changed(change('2', 2, 'changed'));
  t.deepEqual(taken(), ['1 closed 52']);
  advance(100);
  t.deepEqual(taken(), ['2 changed 2'], 'what is behind it is not told after it');
  for (let n = 1; n <= 1_000; n++) feed.changed(change(String(n), 1, 'changed'));
  t.is(taken().length, 1_000, 'without waiting, where there are many');
});

test('an end leaves no timer behind', t => {
  const { feed, timers, heard } = scene();
  feed.listened();
  feed.changed(change('1', 1, 'changed'));
  feed.stop();
  feed.left();
  t.is(timers.size, 0);
  t.deepEqual(heard, [true, false]);
});
