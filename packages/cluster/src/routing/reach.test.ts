import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { Member, Timer } from '@dfnsjs/actor-core/ports';
import { NO_REPORT } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Item } from '../transport/frame.ts';
import { Reach } from './reach.ts';

function memberOf(name: string, given: Partial<Member> = {}): Member {
  const about = { incarnation: name as Incarnation, address: name, build: 'b', workflows: [], ordinal: 1 };
  return { ...NO_REPORT, ...about, duty: 'serve', leaseLeftMs: 1_000, ...given };
}

/** Nodes that hear each other where they are on the same network, under a clock that a test moves. */
class World {
  readonly logged: string[] = [];
  readonly told: string[] = [];
  readonly #nodes = new Map<string, { network: string; connected: boolean; reach: Reach }>();
  readonly #timers = new Map<Timer, { at: number; ring: () => void }>();
  #now = 0;

  join(name: string, network = 'n'): Reach {
    const clock = {
      now: () => this.#now,
      elapsed: () => this.#now,
      setTimer: (at: number, ring: () => void): Timer => {
        const timer: Timer = { cancel: () => this.#timers.delete(timer) };
        this.#timers.set(timer, { at, ring });
        return timer;
      },
    };
    const send = (to: string, item: Item) => {
      const [from, other] = [this.#nodes.get(name), this.#nodes.get(to)];
      if (!from?.connected || !other?.connected || from.network !== other.network) return;
      queueMicrotask(() => other.reach.received(name as Incarnation, item));
    };
    const reach = new Reach({
      clock,
      post: {
        send,
        broadcast: item => {
          for (const to of this.#nodes.keys()) if (to !== name) send(to, item);
        },
        get isConnected() {
          return node.connected;
        },
      },
      log: { write: (_, message) => void this.logged.push(`${name}: ${message}`) },
      self: name as Incarnation,
      silentMs: 10_000,
      changed: () => this.told.push(`${name} ${reach.isAway ? 'away' : 'there'}`),
      restored: () => this.told.push(`${name} restored`),
    });
    const node = { network, connected: true, reach };
    this.#nodes.set(name, node);
    return reach;
  }

  connect(name: string, connected: boolean): void {
    const node = this.#nodes.get(name)!;
    node.connected = connected;
    node.reach.connected(connected);
  }

  move(name: string, network: string): void {
    this.#nodes.get(name)!.network = network;
  }

  async pass(ms: number): Promise<void> {
    this.#now += ms;
    for (const [timer, { at, ring }] of this.#timers) {
      if (at > this.#now) continue;
      this.#timers.delete(timer);
      ring();
    }
    await setImmediate();
  }

  /** A look at who lives, as each node takes it now and then. */
  async look(...members: readonly Member[]): Promise<void> {
    for (const { incarnation } of members) {
      this.#nodes.get(incarnation)?.reach.members({ version: 1, now: 0, members });
    }
    await setImmediate();
  }

  async begin(name: string, ...members: readonly Member[]): Promise<Reach> {
    const { reach } = this.#nodes.get(name)!;
    reach.begin();
    await setImmediate();
    reach.members({ version: 1, now: 0, members });
    const settled = reach.settled();
    await this.pass(999);
    await this.pass(1);
    await settled;
    return reach;
  }
}

test('one that is alone waits for nobody; one that joins is heard at once', async t => {
  const world = new World();
  world.join('a');
  const a = await world.begin('a', memberOf('a'));
  t.false(a.isStranger);
  world.join('b');
  const b = await world.begin('b', memberOf('a'), memberOf('b'));
  t.false(b.isStranger);
  await world.look(memberOf('a'), memberOf('b'));
  t.deepEqual([a.isAway, b.isAway], [false, false]);
  t.deepEqual(world.logged, []);
});

test('one that hears none of those that live takes no part; those that were there before it are no strangers', async t => {
  const world = new World();
  world.join('a');
  const a = await world.begin('a', memberOf('a'));
  world.join('d', 'another');
  const d = await world.begin('d', memberOf('a'), memberOf('d'));
  t.true(d.isStranger);
  t.true(d.isAway);
  t.regex(world.logged.join(), /^d: other nodes share this store, and none of them is heard/);
  for (let n = 0; n < 30; n++) {
    await world.pass(1_000);
    await world.look(memberOf('a'), memberOf('d', { transport: false }));
  }
  t.false(a.isAway);
  t.true(d.isAway);
  world.move('d', 'n');
  await world.look(memberOf('a'), memberOf('d', { transport: false }));
  t.false(d.isStranger);
  t.false(d.isAway);
  t.true(world.told.includes('d restored') && world.told.at(-1) === 'd there');
});

test('one that hears no other any more, though some can be reached, is away; silence of one is no sign', async t => {
  const world = new World();
  for (const name of ['a', 'b', 'c']) world.join(name);
  const all = [memberOf('a'), memberOf('b'), memberOf('c')];
  const a = await world.begin('a', memberOf('a'));
  const b = await world.begin('b', memberOf('a'), memberOf('b'));
  const c = await world.begin('c', ...all);
  await world.look(...all);
  world.move('c', 'another');
  const states = async (ms: number) => {
    await world.pass(ms);
    await world.look(...all);
    await world.look(...all);
    return [a.isAway, b.isAway, c.isAway];
  };
  t.deepEqual(await states(9_999), [false, false, false]);
  t.deepEqual(await states(1), [false, false, true]);
  t.deepEqual(await states(60_000), [false, false, true]);
  world.move('c', 'n');
  t.deepEqual(await states(1), [false, false, false]);
});

test('a connection that goes is told after a second, and at once when it is back', async t => {
  const world = new World();
  for (const name of ['a', 'b']) world.join(name);
  const a = await world.begin('a', memberOf('a'));
  await world.begin('b', memberOf('a'), memberOf('b'));
  await world.look(memberOf('a'), memberOf('b'));
  world.told.length = 0;
  world.connect('a', false);
  t.is(a.awayMs, 0);
  await world.pass(999);
  t.false(a.isAway);
  await world.pass(1);
  t.true(a.isAway);
  await world.pass(60_000);
  await world.look(memberOf('a', { transport: false }), memberOf('b'));
  t.is(a.awayMs, 61_000);
  world.connect('a', true);
  await setImmediate();
  t.deepEqual([a.isAway, a.awayMs], [false, 0]);
  t.deepEqual(
    world.told.filter(each => each.startsWith('a')),
    ['a there', 'a away', 'a away', 'a restored', 'a there'],
  );
});

test('one that begins without its transport says so from the beginning, and is not waited for', async t => {
  const world = new World();
  const a = world.join('a');
  world.connect('a', false);
  a.begin();
  a.members({ version: 1, now: 0, members: [memberOf('a'), memberOf('b')] });
  await a.settled();
  t.true(a.isAway);
});

test('one that was started again does not wait for what it was; those that died with it make it no stranger for long', async t => {
  const world = new World();
  world.join('b');
  const alone = await world.begin('b', memberOf('a', { address: 'b' }), memberOf('b'));
  t.false(alone.isStranger || alone.isAway);
  t.deepEqual(world.logged, []);
  world.join('c');
  const dead = memberOf('x');
  const c = await world.begin('c', dead, memberOf('c'));
  t.true(c.isStranger && c.isAway);
  await world.look({ ...dead, leaseLeftMs: 0 }, memberOf('c'));
  t.false(c.isStranger || c.isAway);
  t.is(world.told.at(-1), 'c there');
});

test('whoever hears one that cannot be reached is not the one apart, whoever else says that it can be reached', async t => {
  const world = new World();
  for (const name of ['a', 'b']) world.join(name);
  world.join('s', 'another');
  const a = await world.begin('a', memberOf('a'));
  const b = await world.begin('b', memberOf('a'), memberOf('b'));
  // The transport goes for both, and a node that nobody hears comes and takes over.
  for (const name of ['a', 'b']) world.connect(name, false);
  await world.pass(2_000);
  const away = { transport: false };
  const s = await world.begin('s', memberOf('a', away), memberOf('b', away), memberOf('s'));
  t.deepEqual([a.isAway, b.isAway, s.isAway], [true, true, false]);
  for (const name of ['a', 'b']) world.connect(name, true);
  for (let n = 0; n < 15; n++) {
    await world.look(memberOf('a', { transport: !a.isAway }), memberOf('b', { transport: !b.isAway }), memberOf('s'));
    await world.pass(1_000);
  }
  t.deepEqual([a.isAway, b.isAway, s.isAway], [false, false, true]);
});

test('strangers that hear each other take part, though one that nobody hears was there before', async t => {
  const world = new World();
  world.join('s', 'another');
  const s = await world.begin('s', memberOf('s'));
  for (const name of ['a', 'b']) world.join(name);
  const a = await world.begin('a', memberOf('s'), memberOf('a'));
  t.true(a.isStranger);
  const b = await world.begin('b', memberOf('s'), memberOf('a', { transport: false }), memberOf('b'));
  for (let n = 0; n < 15; n++) {
    await world.look(memberOf('s'), memberOf('a', { transport: !a.isAway }), memberOf('b', { transport: !b.isAway }));
    await world.pass(1_000);
  }
  t.deepEqual([a.isStranger, b.isStranger], [false, false]);
  t.deepEqual([a.isAway, b.isAway, s.isAway], [false, false, true]);
});
