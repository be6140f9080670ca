import { NO_REPORT, type Acquired, type Member, type ShardRow } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { Lease } from '../membership/lease.ts';
import { Balancer } from './balancer.ts';
import { Ownership } from './ownership.ts';
import { Persistence } from './persistence.ts';

const SELF = 'b' as Incarnation;
const SHARDS = 4;

const member = (name: string, given: Partial<Member> = {}): Member => ({
  ...NO_REPORT,
  ...{ incarnation: name as Incarnation, ordinal: name.charCodeAt(0), address: name, build: 'one', workflows: [] },
  ...{ duty: 'serve', leaseLeftMs: 3_000 },
  ...given,
});

/** The balancer of `b` on a store whose shards are all `a`'s; its clock moves where it is told to. */
function scene() {
  let time = 0;
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  const clock = {
    now: () => time,
    elapsed: () => time,
    setTimer(at: number, ring: () => void) {
      const timer = { at, ring };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  const advance = async (ms: number) => {
    time += ms;
    for (const timer of [...timers]) {
      if (timer.at > time) continue;
      timers.delete(timer);
      timer.ring();
    }
    await settled();
  };
  const persistence = new Persistence(clock, { write: () => undefined });
  const rows: ShardRow[] = Array.from({ length: SHARDS }, (_, shard) => ({
    ...{ shard: shard as ShardId, epoch: 1 as Epoch, owner: 'a' as Incarnation, build: 'one' },
  }));
  const lease = new Lease(Infinity);
  const store = {
    shards: async () => [...rows],
    acquire: async (shard: ShardId): Promise<Acquired> => {
      const row = { ...rows[shard]!, epoch: 2 as Epoch, owner: SELF };
      rows[shard] = row;
      return { ...row, clean: true, highestAccepted: 0, handOver: null };
    },
    release: async (_: Incarnation, released: readonly { readonly shard: ShardId }[]) => {
      for (const { shard } of released) rows[shard] = { ...rows[shard]!, owner: null };
    },
  };
  const ownership = new Ownership({
    ...{ store, clock, lease, persistence, incarnation: SELF, build: 'one' },
    engine: {
      own: () => undefined,
      expect: () => undefined,
      handOver: async (_, ending, release) => {
        ending();
        await release(2 as Epoch, []);
      },
      disown: () => undefined,
      epochOf: () => undefined,
    },
  });
  const balancer = new Balancer({
    ...{ store, clock, ownership, persistence, incarnation: SELF, alone: false },
    willTake: async () => undefined,
    mayTake: async () => true,
    seen: () => undefined,
    took: () => undefined,
    gave: () => undefined,
  });
  const givenUp = (shard: number) => (rows[shard] = { ...rows[shard]!, owner: null });
  return { balancer, ownership, givenUp, advance };
}

/** All that follows at once has happened. */
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise(resolve => setImmediate(resolve));
}

for (const [title, given] of [
  ['cannot be reached', { transport: false }],
  ['leaves', { state: 'leaving' }],
  ['is drained', { duty: 'drain' }],
] as const) {
  test(`what a node that ${title} gives up is taken though nobody heard of it`, async t => {
    const { balancer, ownership, givenUp } = scene();
    const membership = { version: 1, now: 0, members: [member('a', given), member('b')] };
    balancer.members(membership);
    await settled();
    t.is(ownership.size, 0);
    for (let shard = 0; shard < SHARDS; shard++) {
      givenUp(shard);
      balancer.members(membership);
      await settled();
      t.is(ownership.size, shard + 1);
    }
  });
}

test('one that is drained gives its shards up at a pace, and one that leaves all at once', async t => {
  for (const [given, left] of [
    [{ duty: 'drain' }, SHARDS - 2],
    [{ state: 'leaving' }, 0],
  ] as const) {
    const { balancer, ownership, givenUp, advance } = scene();
    for (let shard = 0; shard < SHARDS; shard++) givenUp(shard);
    const who = (version: number, a: Partial<Member>, b: Partial<Member>) =>
      balancer.members({ version, now: 0, members: [member('a', a), member('b', b)] });
    who(1, { transport: false }, {});
    await settled();
    t.is(ownership.size, SHARDS);
    who(2, {}, given);
    await settled();
    t.is(ownership.size, left);
    for (let second = 0; ownership.size > 0 && second < SHARDS; second++) await advance(1_000);
    t.is(ownership.size, 0);
  }
});

test('one that reaches nobody gives its shards up once the others have said that they can be reached, and do', async t => {
  const { balancer, ownership, givenUp, advance } = scene();
  const who = (version: number, a: Partial<Member>, b: Partial<Member>) =>
    balancer.members({ version, now: 0, members: [member('a', a), member('b', b)] });
  const away = { transport: false };
  for (let shard = 0; shard < SHARDS; shard++) givenUp(shard);
  who(1, away, {});
  await settled();
  t.is(ownership.size, SHARDS);
  // The transport goes for all: this one is the first to say so.
  who(2, {}, away);
  await advance(2_000);
  who(3, away, away);
  await advance(2_500);
  t.true(ownership.size >= SHARDS / 2, 'each keeps its share at least');
  // It is back, and reaches the other first.
  const kept = ownership.size;
  who(4, {}, away);
  await advance(2_000);
  who(5, {}, {});
  await advance(1_500);
  t.is(ownership.size, kept);
  // This one alone is cut off, and beside it nodes come and go all the time.
  for (let ms = 0; ms < 2_500; ms += 500) {
    who(6 + ms, {}, away);
    await advance(500);
  }
  await advance(499);
  t.is(ownership.size, kept);
  await advance(1);
  t.is(ownership.size, 0);
});
