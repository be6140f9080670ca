import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { Change, Timer } from '@dfnsjs/actor-core/ports';
import { changeOf } from '@dfnsjs/actor-core/ports';
import type { Eid, Incarnation, RunId } from '@dfnsjs/actor-core/records';
import { EventFeed, type EventFeedOptions } from './event-feed.ts';
import type { Reader } from './reader.ts';

/** Nodes that reach each other, under a clock that a test moves. */
class World {
  readonly feeds = new Map<string, EventFeed>();
  /** Who is not reached, and reaches nobody. */
  readonly away = new Set<string>();
  readonly heard: string[] = [];
  asked = 0;
  readonly #timers = new Map<Timer, { at: number; ring: () => void }>();
  #now = 0;

  readonly #clock = {
    now: () => this.#now,
    elapsed: () => this.#now,
    setTimer: (at: number, ring: () => void): Timer => {
      const timer: Timer = { cancel: () => this.#timers.delete(timer) };
      this.#timers.set(timer, { at, ring });
      return timer;
    },
  };

  get timers(): number {
    return this.#timers.size;
  }

  join(name: string, options: Partial<EventFeedOptions> = {}): EventFeed {
    const hear = (listening: boolean) => this.heard.push(`${name} ${listening}`);
    const feed = new EventFeed({ clock: this.#clock, name, hear, ...options });
    feed.begin();
    this.feeds.set(name, feed);
    const send = (to: Incarnation, what: (feed: EventFeed) => void) => {
      if (this.away.has(name) || this.away.has(to)) return;
      this.asked++;
      queueMicrotask(() => {
        const receiver = this.feeds.get(to);
        if (receiver) what(receiver);
      });
    };
    feed.use({
      listen: (to, place) => send(to, each => each.asked(name as Incarnation, place)),
      tell: (to, page) => send(to, each => each.told(name as Incarnation, page)),
    });
    this.#members();
    return feed;
  }

  leave(name: string): void {
    this.feeds.get(name)?.stop();
    this.feeds.delete(name);
    this.#members();
  }

  #members(): void {
    for (const [name, feed] of this.feeds) {
      feed.members([...this.feeds.keys()].filter(each => each !== name) as Incarnation[]);
    }
  }

  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await setImmediate();
    for (;;) {
      const [next] = [...this.#timers].toSorted(([, a], [, b]) => a.at - b.at);
      if (!next || next[1].at > until) break;
      this.#now = Math.max(this.#now, next[1].at);
      this.#timers.delete(next[0]);
      next[1].ring();
      await setImmediate();
    }
    this.#now = until;
  }
}

function change(feed: EventFeed, id: string, turn = 1, kind: Change['kind'] = 'started'): void {
  const run = {
    ...{ first: 1 as Eid, namespace: 'default', id, runId: 'r' as RunId, workflow: 'w', version: 1 },
    ...{ startedAt: 0, attributes: null },
  };
  feed.own.changed(changeOf(run, { kind, status: 'running', turn, at: 0 }));
}

/** What there is; a reader asks for what it has not, so what comes then is taken too. */
async function taken(world: World, reader: Reader): Promise<string[]> {
  const all: string[] = [];
  for (let empty = 0; empty < 3;) {
    const next = reader.take();
    if (next === undefined) {
      empty++;
      await world.pass(30);
    } else {
      empty = 0;
      all.push(next === 'missed' ? next : `${next.id} ${next.turn}`);
    }
  }
  return all;
}

test('who listens at one node is told what changes at all of them, each in its order', async t => {
  const world = new World();
  const [a, b, c] = [world.join('a'), world.join('b'), world.join('c')];
  change(b, 'before');
  const reader = await a.open();
  t.deepEqual(await taken(world, reader), []);
  for (let turn = 1; turn <= 600; turn++) change(b, 'b', turn);
  change(a, 'a');
  change(c, 'c');
  const told = await taken(world, reader);
  t.deepEqual(told.filter(each => !each.startsWith('b')).toSorted(), ['a 1', 'c 1']);
  t.deepEqual(
    told.filter(each => each.startsWith('b')),
    Array.from({ length: 600 }, (_, n) => `b ${n + 1}`),
  );
});

test('it goes on at another node where it was, with nothing missing and nothing twice', async t => {
  const world = new World();
  const [a, b, c] = [world.join('a'), world.join('b'), world.join('c')];
  const reader = await a.open();
  change(b, 'b', 1);
  t.deepEqual(await taken(world, reader), ['b 1']);
  const { places } = reader;
  reader.close();
  for (const feed of [a, b, c]) change(feed, 'later');
  change(b, 'b', 2);
  const other = await c.open(places);
  t.deepEqual((await taken(world, other)).toSorted(), ['b 2', 'later 1', 'later 1', 'later 1']);
  t.deepEqual(await taken(world, await b.open(other.places)), []);
});

test('many who listen ask once for all of them', async t => {
  const world = new World();
  const [a, b] = [world.join('a'), world.join('b')];
  const readers = await Promise.all(Array.from({ length: 50 }, () => a.open()));
  for (const reader of readers) t.deepEqual(await taken(world, reader), []);
  const before = world.asked;
  change(b, 'b');
  for (const reader of readers) t.deepEqual(await taken(world, reader), ['b 1']);
  t.true(world.asked - before < 10, `${world.asked - before} messages`);
});

test('one that joins is heard from its beginning, however late others learn of it', async t => {
  const world = new World();
  const a = world.join('a');
  const reader = await a.open();
  t.deepEqual(await taken(world, reader), []);
  world.away.add('b');
  const b = world.join('b');
  change(b, 'first');
  await world.pass(3_000);
  t.deepEqual(await taken(world, reader), []);
  world.away.delete('b');
  await world.pass(5_000);
  t.deepEqual(await taken(world, reader), ['first 1']);
});

test('when one is gone something may be missing, as each that stays says; who comes back later is told too', async t => {
  const world = new World();
  const [a, b, c] = [world.join('a'), world.join('b'), world.join('c')];
  const reader = await a.open();
  change(b, 'b');
  t.deepEqual(await taken(world, reader), ['b 1']);
  const { places } = reader;
  const before = new Map(places);
  world.leave('b');
  change(c, 'c');
  t.deepEqual(await taken(world, reader), ['missed', 'missed', 'c 1']);
  t.deepEqual(await taken(world, reader), []);
  const again = await c.open(before);
  t.true(again.isLost);
  t.deepEqual(await taken(world, again), ['missed', 'c 1', 'missed']);
  t.deepEqual([...again.places.keys()].toSorted(), ['a', 'c']);
});

test('of a node that joins again nothing is told twice', async t => {
  const world = new World();
  const [a, b] = [world.join('a'), world.join('b')];
  const reader = await a.open();
  change(b, 'first');
  t.deepEqual(await taken(world, reader), ['first 1']);
  // The same process, and so the same feed, under another name among the nodes.
  a.members([]);
  t.deepEqual(await taken(world, reader), ['missed']);
  a.members(['b' as Incarnation]);
  t.deepEqual(await taken(world, reader), []);
  change(b, 'second');
  t.deepEqual(await taken(world, reader), ['second 1']);
});

test('who comes with a place in the feed of a node that came and went meanwhile is told that something may be missing', async t => {
  const world = new World();
  const [a, b] = [world.join('a'), world.join('b')];
  const early = await a.open();
  await taken(world, early);
  const before = new Map(early.places);
  const c = world.join('c');
  change(c, 'c');
  await world.pass(1_000);
  world.leave('c');
  t.true((await taken(world, await b.open(before))).includes('missed'));
  t.true((await taken(world, early)).includes('missed'));
});

test('a node that never says who it is hides no other that goes', async t => {
  const world = new World();
  const a = world.join('a');
  world.join('b');
  world.away.add('silent');
  world.join('silent');
  const opening = a.open();
  await world.pass(1_000);
  const reader = await opening;
  t.deepEqual(await taken(world, reader), []);
  world.leave('b');
  t.deepEqual(await taken(world, reader), ['missed']);
});

test('what is lost on its way is asked for again; a silent node holds up a beginning for a second', async t => {
  const world = new World();
  const [a, b] = [world.join('a'), world.join('b')];
  const reader = await a.open();
  await taken(world, reader);
  world.away.add('b');
  change(b, 'b');
  await world.pass(4_000);
  t.deepEqual(await taken(world, reader), []);
  let late: Reader | undefined;
  const opening = a.open().then(each => (late = each));
  await world.pass(999);
  t.is(late, undefined);
  await world.pass(1);
  await opening;
  world.away.delete('b');
  a.reconnected();
  await world.pass(30);
  t.deepEqual(await taken(world, reader), ['b 1']);
});

test('one that reads slowly is told that some are missing where they are kept nowhere any more', async t => {
  const world = new World();
  const [a, b] = [world.join('a'), world.join('b', { kept: 10 })];
  const [slow, idle] = [await a.open(), await a.open()];
  await taken(world, slow);
  for (let turn = 1; turn <= 25; turn++) change(b, 'b', turn);
  t.deepEqual(await taken(world, slow), ['missed']);
  change(b, 'b', 26);
  t.deepEqual(await taken(world, slow), ['b 26']);
  slow.close();
  // It asks for nothing, and the other node goes on to hear all the same.
  await world.pass(200_000);
  t.false(world.heard.includes('b false'));
  idle.close();
  await world.pass(60_000);
  t.deepEqual(world.heard.toSorted(), ['a false', 'a true', 'b false', 'b true']);
  t.is(world.timers, 0);
});

test('a reader that waits is woken by a change, an abort, and the end of the node', async t => {
  const feed = new World().join('a');
  const reader = await feed.open();
  const woken = reader.more(undefined);
  change(feed, '1');
  await woken;
  t.like(reader.take(), { id: '1' });
  const abort = new AbortController();
  const aborted = reader.more(abort.signal);
  abort.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  await t.throwsAsync(reader.more(abort.signal), { message: 'enough' });
  const stopped = reader.more(undefined);
  feed.stop();
  await t.throwsAsync(stopped, { code: 'UNAVAILABLE' });
  await t.throwsAsync(reader.more(undefined), { code: 'UNAVAILABLE' });
  await t.throwsAsync(feed.open(), { code: 'UNAVAILABLE' });
});

test('who gives up while it waits for a silent node listens no more', async t => {
  const world = new World();
  const a = world.join('a', { readers: 1 });
  world.join('b');
  world.away.add('b');
  const abort = new AbortController();
  const opening = a.open(undefined, abort.signal);
  await t.throwsAsync(a.open(), { code: 'OVERLOADED' });
  abort.abort(new Error('enough'));
  await t.throwsAsync(opening, { message: 'enough' });
  await world.pass(4_000);
  world.away.delete('b');
  const reader = await a.open();
  reader.close();
  reader.close();
  await t.notThrowsAsync(a.open());
});

test('what may have been missed is told to all who read', async t => {
  const world = new World();
  const [a, b] = [world.join('a'), world.join('b')];
  const [here, there] = [await a.open(), await b.open()];
  await taken(world, there);
  change(a, 'x', 1);
  a.own.missed();
  change(a, 'x', 2);
  for (const reader of [here, there]) t.deepEqual(await taken(world, reader), ['x 1', 'missed', 'x 2']);
});
