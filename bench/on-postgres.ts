import { type PostgresServer, startPostgres } from '@dfnsjs/postgres-server';
import { migrateStore } from '@dfnsjs/storage';
import { bareCommits, connect, prepareBare, record, type Recording, writeBare } from './bare-postgres.ts';
import { median, spend, type Spent } from './measure.ts';
import { secondsOf } from './process-cpu.ts';
import type { Table } from './table.ts';
import { runOneStep, runTenSteps } from './workloads.ts';

/** As a server of one's own is set up, on a machine that it shares with its node. */
export const SETTINGS = {
  fsync: 'on',
  autovacuum: 'on',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
};
const COMMITS = 400;

/** The workloads on a Postgres server on this machine, each beside the bare ceiling of the same run. */
export async function onPostgres(table: Table, pairs: number, workflows: number): Promise<void> {
  const server = await startPostgres({ settings: SETTINGS });
  try {
    const template = await server.createDatabase();
    await migrateStore(server.url(template), { check: false });
    const databases: Databases = {
      server,
      fresh: async () => {
        const name = await server.createDatabase(template);
        // What was written before is not written out while this is measured.
        await server.run(name, 'CHECKPOINT');
        return server.url(name);
      },
    };
    await throughput(databases, table, pairs, workflows);
    await latency(databases, table, pairs);
  } finally {
    await server.stop();
  }
}

interface Databases {
  readonly server: PostgresServer;
  /** The URL of an empty, migrated database. */
  fresh(): Promise<string>;
}

/** Of this process and of the server's, in seconds. */
interface Cost {
  readonly ms: number;
  readonly cpuSeconds: number;
}

async function throughput({ server, fresh }: Databases, table: Table, pairs: number, workflows: number): Promise<void> {
  const inFlight = 200;
  const first = await fresh();
  await runTenSteps(first, workflows, inFlight);
  const recording = await record(first);
  // What ran before it was measured, as in `runTenSteps`.
  const warm = recording.rows.length - workflows * 11;
  const costs: [Cost, Cost][] = [];
  for (let i = 0; i < pairs; i++) {
    const bare = await bareRuns(server, await fresh(), recording, warm);
    const url = await fresh();
    const before = () => (begun = secondsOf(server.pid));
    let begun = 0;
    const spent = await runTenSteps(url, workflows, inFlight, before);
    costs.push([withServer(server, begun, spent), bare]);
  }
  const steps = workflows * 10;
  const rates = costs.map(pair => pair.map(({ ms }) => steps / (ms / 1_000)));
  const cpu = costs.map(pair => pair.map(({ cpuSeconds }) => cpuSeconds / (steps / 1_000)));
  table.sayPairs('W1 steps/s', rate => Math.round(rate).toLocaleString('en'), rates, 'at least 0.5');
  table.sayPairs('W1 CPU s per 1,000 steps, server included', value => value.toFixed(4), cpu, '');
}

async function bareRuns(server: PostgresServer, url: string, recording: Recording, warm: number): Promise<Cost> {
  const client = await connect(url);
  await prepareBare(client, recording);
  await writeBare(client, recording, 0, warm);
  const begun = secondsOf(server.pid);
  const spent = await spend(() => writeBare(client, recording, warm, recording.rows.length));
  await client.end();
  return withServer(server, begun, spent);
}

async function latency({ fresh }: Databases, table: Table, pairs: number): Promise<void> {
  const times: [number, number][] = [];
  for (let i = 0; i < pairs; i++) {
    const client = await connect(await fresh());
    const bare = median(await bareCommits(client, COMMITS));
    await client.end();
    times.push([median(await runOneStep(await fresh(), COMMITS)), bare]);
  }
  table.sayPairs('W2 p50, ms', ms => ms.toFixed(2), times, 'at most 3.5');
}

export function withServer(server: PostgresServer, begun: number, { ms, cpuSeconds }: Spent): Cost {
  return { ms, cpuSeconds: cpuSeconds + secondsOf(server.pid) - begun };
}
