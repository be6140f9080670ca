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

/** The balancer of `b` on a store whose shards are all `a`'s. */
function scene() {
  const clock = { now: () => 0, elapsed: () => 0, setTimer: () => ({ cancel: () => undefined }) };
  const persistence = new Persistence(clock, { write: () => undefined });
  const rows: ShardRow[] = Array.from({ length: SHARDS }, (_, shard) => ({
    ...{ shard: shard as ShardId, epoch: 1 as Epoch, owner: 'a' as Incarnation, build: 'one' },
  }));
  const lease = new Lease(3_000);
  lease.renewed(0);
  const store = {
    shards: async () => [...rows],
    acquire: async (shard: ShardId): Promise<Acquired> => {
      const row = { ...rows[shard]!, epoch: 2 as Epoch, owner: SELF };
      rows[shard] = row;
      return { ...row, clean: true, highestAccepted: 0, handOver: null };
    },
    release: async () => undefined,
  };
  const ownership = new Ownership({
    ...{ store, clock, lease, persistence, incarnation: SELF, build: 'one' },
    engine: {
      own: () => undefined,
      expect: () => undefined,
      handOver: async () => undefined,
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
  return { balancer, ownership, givenUp };
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
