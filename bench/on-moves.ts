import { startNats } from '@dfnsjs/nats-server';
import { startPostgres } from '@dfnsjs/postgres-server';
import { migrateStore } from '@dfnsjs/storage';
import { median } from './measure.ts';
import type { Took } from './member.ts';
import { balanced, Member } from './members.ts';
import { SETTINGS } from './on-postgres.ts';
import type { Table } from './table.ts';

const SIZE = 3;
const ENTITIES = 200;
/** Of all shards, before a node is killed, each has so much at least. */
const SHARE = 0.2;
/** Updates of the whole cluster in a second while shards move. */
const RATE = 2_000;
/** A change of nodes is waited for 10 s, then a shard moves each 80 ms. */
const MOVING_MS = 25_000;

interface Scene {
  readonly members: Member[];
  newEntities(): Promise<readonly string[]>;
  /** One more node. */
  add(): Promise<Member>;
  /** The epoch of each entity's shard. */
  epochs(): Promise<ReadonlyMap<string, number>>;
}

/** Three nodes on Postgres and NATS, all on this machine, and entities that answer. */
async function withCluster(lease: string | undefined, size: number, work: (scene: Scene) => Promise<void>) {
  const [server, nats] = await Promise.all([startPostgres({ settings: SETTINGS }), startNats()]);
  const members: Member[] = [];
  try {
    const database = await server.createDatabase();
    const url = server.url(database);
    await migrateStore(url, { check: false });
    let started = 0;
    const add = async () => {
      const member = new Member(url, nats.url, `bench-${started++}`, lease);
      members.push(member);
      await member.here();
      return member;
    };
    for (let i = 0; i < size; i++) await add();
    await balanced(members[0]!, size);
    let entities = 0;
    const newEntities = async () => {
      const ids = Array.from({ length: ENTITIES }, () => `counter-${entities++}`);
      await members[0]!.ask({ kind: 'counters', ids });
      return ids;
    };
    const epochs = async () => {
      const sql = 'SELECT r.id, s.epoch FROM dfns.run r JOIN dfns.shard s USING (shard)';
      return new Map((await server.run(database, sql)).map(({ id, epoch }) => [String(id), Number(epoch)]));
    };
    await work({ members, newEntities, add, epochs });
  } finally {
    await Promise.all(members.map(member => member.stop()));
    await Promise.all([server.stop(), nats.stop()]);
  }
}

/** A node is killed, so many times: from then until the last of all entities has answered. */
export async function onKills(table: Table, kills: number, lease: string | undefined): Promise<void> {
  await withCluster(lease, SIZE, async ({ members, newEntities, add }) => {
    const ids = await newEntities();
    const times: number[] = [];
    for (let i = 0; i < kills; i++) {
      await balanced(members[0]!, SIZE, SHARE);
      await members[1]!.ask({ kind: 'answers', ids });
      const victim = members.shift()!;
      victim.kill();
      times.push(await members[0]!.ask<number>({ kind: 'answers', ids }));
      await victim.stop();
      await add();
    }
    const what = `from kill -9 to the last of ${ENTITIES} entities answering, lease ${lease ?? '3s'}`;
    sayTimes(table, what, times, lease === undefined ? 4_500 : 2_000);
  });
}

/** A node joins and is drained, so many times, under updates: how long the shards that moved did not answer. */
export async function onJoins(table: Table, joins: number): Promise<void> {
  await withCluster(undefined, SIZE - 1, async ({ members, newEntities, add, epochs }) => {
    const [joined, drained, usual]: [number[], number[], number[]] = [[], [], []];
    const moveUnder = async (pauses: number[], change: () => Promise<unknown>) => {
      // A history that grew through all of it would be what takes the time.
      const ids = await newEntities();
      const before = await epochs();
      const everyMs = (ENTITIES / RATE) * 1_000;
      const took = members[0]!.ask<readonly Took[]>({ kind: 'updates', ids, everyMs, ms: MOVING_MS });
      await change();
      const longest = new Map<string, number>();
      for (const [id, ms] of await took) longest.set(id, Math.max(longest.get(id) ?? 0, ms));
      const after = await epochs();
      for (const [id, ms] of longest) (before.get(id) === after.get(id) ? usual : pauses).push(ms);
    };
    for (let i = 0; i < joins; i++) {
      const name = `bench-${SIZE - 1 + i}`;
      await moveUnder(joined, add);
      await balanced(members[0]!, SIZE);
      await moveUnder(drained, () => members[1]!.ask({ kind: 'drain', name }));
      await members.pop()!.stop();
      await balanced(members[0]!, SIZE - 1);
    }
    const under = `${RATE.toLocaleString('en')} updates a second`;
    sayTimes(table, `pause of a shard that moves to a node that joins, ${under}`, joined, 100);
    sayTimes(table, `pause of a shard that moves from a node that is drained, ${under}`, drained, 100);
    sayTimes(table, 'longest answer meanwhile of a shard that stays', usual);
  });
}

function sayTimes(table: Table, what: string, times: readonly number[], most?: number): void {
  const sorted = times.toSorted((a, b) => a - b);
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
  table.say({
    what: `${what}, ms, p99 of ${times.length}`,
    ours: `${p99.toFixed(0)} (median ${median(times).toFixed(0)})`,
    ceiling: '',
    ratio: '',
    binds: most === undefined ? '' : `at most ${most.toLocaleString('en')}`,
  });
}
