import { connect as connectNats, type Msg } from 'nats';
import { startNats, type NatsServer } from '@dfnsjs/nats-server';
import { startPostgres, type PostgresServer } from '@dfnsjs/postgres-server';
import { migrateStore } from '@dfnsjs/storage';
import { bareCommit, bareCommits, connect } from './bare-postgres.ts';
import { median, type Spent } from './measure.ts';
import { balanced, Member } from './members.ts';
import { SETTINGS, withServer } from './on-postgres.ts';
import { secondsOf } from './process-cpu.ts';
import type { Table } from './table.ts';
import { runTenSteps } from './workloads.ts';

const IN_FLIGHT = 200;
const SIGNALS = 400;

/** Nodes on Postgres and NATS, all on this machine, beside one node on a server of its own. */
export async function onCluster(table: Table, size: number, pairs: number, workflows: number): Promise<void> {
  const [server, other, nats] = await Promise.all([
    startPostgres({ settings: SETTINGS }),
    startPostgres({ settings: SETTINGS }),
    startNats(),
  ]);
  const members: Member[] = [];
  try {
    const url = server.url(await server.createDatabase());
    await migrateStore(url, { check: false });
    const template = await other.createDatabase();
    await migrateStore(other.url(template), { check: false });
    for (let i = 0; i < size; i++) members.push(new Member(url, nats.url, `bench-${i}`));
    await Promise.all(members.map(member => member.here()));
    await balanced(members[0]!, size);

    for (const [inFlight, says] of [
      [Math.floor(IN_FLIGHT / size), 'in all'],
      [IN_FLIGHT, 'at each node'],
    ] as const) {
      const costs = await throughput({ server, other, nats, members, template }, pairs, workflows, inFlight);
      table.sayPairs(
        `W1 CPU s per 1,000 steps, ${size} nodes beside one, servers included, ${IN_FLIGHT} in flight ${says}`,
        value => value.toFixed(4),
        costs,
        'at most 1.5',
      );
    }
    const apart = await Promise.all(members.map((_, i) => alone(server, `apart-${i}`)));
    members.push(...apart);
    const costs = await throughput({ server, other, nats, members: apart, template }, pairs, workflows, IN_FLIGHT);
    table.sayPairs(
      `W1 CPU s per 1,000 steps, ${size} nodes that have nothing in common beside one, ${IN_FLIGHT} in flight at each node`,
      value => value.toFixed(4),
      costs,
      '',
    );
    await signals(table, members[0]!, nats.url, pairs, async () => other.url(await other.createDatabase(template)));
  } finally {
    await Promise.all(members.map(member => member.stop()));
    await Promise.all([server.stop(), other.stop(), nats.stop()]);
  }
}

/** A node without transport, on a database of its own. */
async function alone(server: PostgresServer, name: string): Promise<Member> {
  const url = server.url(await server.createDatabase());
  await migrateStore(url, { check: false });
  const member = new Member(url, '', name);
  await member.here();
  return member;
}

interface Parts {
  readonly server: PostgresServer;
  readonly other: PostgresServer;
  readonly nats: NatsServer;
  readonly members: readonly Member[];
  /** An empty database on the other server. */
  readonly template: string;
}

/** CPU seconds per 1,000 steps: of the cluster, and of one node on the other server. */
async function throughput(
  { server, other, nats, members, template }: Parts,
  pairs: number,
  workflows: number,
  inFlight: number,
): Promise<(readonly number[])[]> {
  // Each runs as many as the one beside them: its code is to be as warm.
  const run = () => Promise.all(members.map(each => each.ask<Spent>({ kind: 'steps', count: workflows, inFlight })));
  await run();
  const costs: (readonly number[])[] = [];
  for (let i = 0; i < pairs; i++) {
    const before = secondsOf(server.pid) + secondsOf(nats.pid);
    const spent = await run();
    const served = secondsOf(server.pid) + secondsOf(nats.pid) - before;
    const ours = served + spent.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    let begun = 0;
    const alone = other.url(await other.createDatabase(template));
    const one = await runTenSteps(alone, workflows, IN_FLIGHT, () => (begun = secondsOf(other.pid)));
    costs.push([ours / (workflows * members.length * 10), withServer(other, begun, one).cpuSeconds / (workflows * 10)]);
  }
  return costs.map(pair => pair.map(seconds => seconds * 1_000));
}

/**
 * A signal that enters at a node which does not have the execution, beside a bare commit and four hops, each a request over
 * NATS with its answer, and beside the same way by hand.
 */
async function signals(
  table: Table,
  member: Member,
  transport: string,
  pairs: number,
  fresh: () => Promise<string>,
): Promise<void> {
  const ids = Array.from({ length: 100 }, (_, i) => `counter-${i}`);
  await member.ask({ kind: 'counters', ids });
  // As nodes are that have run for a while.
  await member.ask({ kind: 'signals', ids, count: 10 * SIGNALS });
  const times: { readonly ours: number; readonly bare: number; readonly way: number }[] = [];
  for (let i = 0; i < pairs; i++) {
    const ours = await member.ask<number>({ kind: 'signals', ids, count: SIGNALS });
    const client = await connect(await fresh());
    const commit = median(await bareCommits(client, SIGNALS));
    let seq = SIGNALS;
    const hop = await request(transport, () => undefined);
    const way = await request(transport, () => bareCommit(client, ++seq));
    await client.end();
    times.push({ ours, bare: commit + 4 * hop, way });
  }
  const say = (beside: string, rows: (readonly number[])[], binds: string) =>
    table.sayPairs(`signal through a non-owner p50, ms, beside ${beside}`, ms => ms.toFixed(2), rows, binds);
  say(
    'a commit and 4 hops',
    times.map(({ ours, bare }) => [ours, bare]),
    'at most 1',
  );
  say(
    'the same way by hand',
    times.map(({ ours, way }) => [ours, way]),
    '',
  );
}

/** Milliseconds from a request over NATS to its answer, which comes when something is done. */
async function request(url: string, done: () => Promise<void> | undefined): Promise<number> {
  const [one, other] = await Promise.all([connectNats({ servers: url }), connectNats({ servers: url })]);
  const answer = async (message: Msg) => {
    await done();
    message.respond(message.data);
  };
  other.subscribe('hop', { callback: (_, message) => void answer(message) });
  await other.flush();
  const times: number[] = [];
  for (let i = 0; i < SIGNALS; i++) {
    const begun = performance.now();
    await one.request('hop', new Uint8Array(100), { timeout: 5_000 });
    times.push(performance.now() - begun);
  }
  await Promise.all([one.close(), other.close()]);
  return median(times);
}
