import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bareCommits, bareRuns, record } from './ceiling.ts';
import { median, type Spent } from './measure.ts';
import type { WaitingCost } from './memory.ts';
import { devTimes, idleBytes, list, makeProject, timeOf } from './face.ts';
import { onAsleep } from './on-asleep.ts';
import { onCluster } from './on-cluster.ts';
import { onJoins, onKills } from './on-moves.ts';
import { onPostgres } from './on-postgres.ts';
import { load, oneByOne, serve } from './over-http.ts';
import { run, runAndKill } from './processes.ts';
import { Table } from './table.ts';
import { runLong, runOneStep, runParallel, runTenSteps } from './workloads.ts';

/**
 * `npm run bench`: the workloads through `dfns`, each beside the bare ceiling of the same run, in interleaved pairs.
 * `--quick` takes fewer and shorter ones; `--write` puts the table into RESULTS.md; `--dir` is where the stores go;
 * `--store postgres` measures the steps on a Postgres server that it starts, in TMPDIR; `--nodes N` a cluster on one, with
 * a NATS server; `--kills N` how long the executions of a node that is killed do not answer, with `--lease 1s` instead of 3;
 * `--joins N` how long a shard does not answer that moves to a node that joins, or from one that is drained; `--asleep N`
 * what N executions cost a node on Postgres that sleep.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    write: { type: 'boolean' },
    dir: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
    nodes: { type: 'string' },
    kills: { type: 'string' },
    joins: { type: 'string' },
    asleep: { type: 'string' },
    lease: { type: 'string' },
  },
});
const pairs = values.quick ? 3 : 7;
const workflows = values.quick ? 3_000 : 8_000;
const openExecutions = values.quick ? 10_000 : 100_000;

const folder = mkdtempSync(join(values.dir ?? tmpdir(), 'dfns-bench-'));
let files = 0;
const file = () => join(folder, `${files++}.db`);

const table = new Table();
const say = table.say.bind(table);

async function throughput(): Promise<void> {
  const first = file();
  await runTenSteps(first, workflows, 200);
  const recording = record(first);
  // What the two started before they were measured: as many runs as in `runTenSteps`.
  const warm = recording.rows.length - workflows * 11;
  const ours: Spent[] = [];
  const bare: Spent[] = [];
  for (let i = 0; i < pairs; i++) {
    bare.push(await bareRuns(file(), recording, warm));
    ours.push(await runTenSteps(file(), workflows, 200));
  }
  const steps = workflows * 10;
  const rate = (spent: { ms: number }) => steps / (spent.ms / 1_000);
  const cpu = (spent: { cpuSeconds: number }) => spent.cpuSeconds / (steps / 1_000);
  say({
    what: 'W1 steps/s',
    ours: Math.round(median(ours.map(rate))).toLocaleString('en'),
    ceiling: Math.round(median(bare.map(rate))).toLocaleString('en'),
    ratio: median(ours.map((spent, i) => rate(spent) / rate(bare[i]!))).toFixed(2),
    binds: 'at least 0.5',
  });
  say({
    what: 'W1 CPU s per 1,000 steps',
    ours: median(ours.map(cpu)).toFixed(4),
    ceiling: median(bare.map(cpu)).toFixed(4),
    ratio: median(ours.map((spent, i) => cpu(spent) / cpu(bare[i]!))).toFixed(2),
    binds: 'at most 2.5',
  });
}

async function latency(): Promise<void> {
  const ours: number[] = [];
  const growing: number[] = [];
  const laid: number[] = [];
  for (let i = 0; i < pairs; i++) {
    growing.push(median(await bareCommits(file(), 400, 'growing')));
    laid.push(median(await bareCommits(file(), 400, 'laid')));
    ours.push(median(await runOneStep(file(), 400)));
  }
  const against = (bare: readonly number[]) => ({
    ours: median(ours).toFixed(2),
    ceiling: median(bare).toFixed(2),
    ratio: median(ours.map((ms, i) => ms / bare[i]!)).toFixed(2),
  });
  say({ what: 'W2 p50, ms', ...against(growing), binds: 'at most 3.5' });
  say({ what: 'W2 p50, ms, beside a log laid out', ...against(laid), binds: '' });
}

async function wide(): Promise<void> {
  const times = await runParallel(file(), values.quick ? 5 : 15);
  say({ what: 'W4, ms', ours: median(times).toFixed(1), ceiling: '', ratio: '', binds: 'at most 60 ms' });
}

async function deep(): Promise<void> {
  const runs: number[][] = [];
  for (let i = 0; i < pairs; i++) runs.push(await runLong(file()));
  const quarter = (n: number) => median(runs.map(quarters => quarters[n]!));
  say({
    what: 'W5 quarters, ms',
    ours: [0, 1, 2, 3].map(n => quarter(n).toFixed(0)).join(', '),
    ceiling: '',
    ratio: median(runs.map(quarters => quarters[3]! / quarters[0]!)).toFixed(2),
    binds: 'at most 1.1',
  });
}

async function memory(): Promise<void> {
  const cost = await run<WaitingCost>('memory', file());
  say({
    what: 'waiting execution, bytes',
    ours: `resident ${Math.round(cost.residentBytes)}, passivated ${Math.round(cost.passivatedBytes)}, row ${Math.round(cost.rowBytes)}`,
    ceiling: '',
    ratio: '',
    binds: 'at most 6,144, none, 400',
  });
}

async function recovery(): Promise<void> {
  const path = file();
  // Idle rows are brought up to date after ten seconds.
  await runAndKill('fill', path, openExecutions, 13_000);
  const { startedMs, answeredMs } = await run<{ startedMs: number; answeredMs: number }>(
    'recover',
    path,
    openExecutions,
  );
  say({
    what: `start on ${openExecutions.toLocaleString('en')} open, ms`,
    ours: `startNode ${Math.round(startedMs)}, signal answered ${Math.round(answeredMs)}`,
    ceiling: '',
    ratio: '',
    binds: 'at most 2,000',
  });
}

const COUNTERS = 1_000;

async function overHttp(): Promise<void> {
  const seconds = values.quick ? 3 : 5;
  const signalled: [number, number][] = [];
  const started: [number, number][] = [];
  const updated: [number, number][] = [];
  const queried: [number, number][] = [];
  for (let i = 0; i < Math.min(pairs, 5); i++) {
    const bare = await serve('serve-empty', file());
    const toBare = async () => (await load(bare.url, '"/"', '{"by":"bench"}', seconds, folder)).requestsPerSecond;
    const ours = await serve('serve', file(), COUNTERS);
    const signal = `"/v1/executions/counter-" .. math.random(0, ${COUNTERS - 1}) .. "/signals/go"`;
    // Both have met their code before: what is measured is what a server does that has run for a while.
    await toBare();
    await load(ours.url, signal, '{"by":"bench"}', seconds, folder);
    await load(ours.url, '"/v1/executions"', '{"workflow":"empty"}', seconds, folder);
    const before = await toBare();
    const signals = await load(ours.url, signal, '{"by":"bench"}', seconds, folder);
    const between = await toBare();
    const starts = await load(ours.url, '"/v1/executions"', '{"workflow":"empty"}', seconds, folder);
    const after = await toBare();
    if (signals.refused + starts.refused > 0) throw new Error('Some requests were refused.');
    signalled.push([signals.requestsPerSecond, (before + between) / 2]);
    started.push([starts.requestsPerSecond, (between + after) / 2]);
    await bare.stop();
    const commit = median(await bareCommits(file(), 400, 'growing'));
    const at = '/v1/executions/counter-7';
    updated.push([median(await oneByOne(ours.url, 400, () => [`${at}/updates/add`])), commit]);
    queried.push([median(await oneByOne(ours.url, 400, () => [`${at}/signals/go`, `${at}/queries/count`])), commit]);
    await ours.stop();
  }
  const sayPairs = (what: string, digits: number, pairs: readonly [number, number][], binds: string) =>
    table.sayPairs(what, value => value.toFixed(digits), pairs, binds);
  sayPairs('W3 update over HTTP p50, ms', 2, updated, 'at most 5');
  sayPairs('W3 signal, then query, p50, ms', 2, queried, 'at most 5');
  sayPairs('signals/s over HTTP, 100 connections', 0, signalled, 'at least 0.4');
  sayPairs('starts/s over HTTP, 100 connections', 0, started, 'at least 0.3');
}

async function face(): Promise<void> {
  const project = makeProject();
  try {
    const served = await serve('serve', file());
    const listed: number[] = [];
    const nothing: number[] = [];
    for (let i = 0; i < 10; i++) {
      nothing.push(await timeOf(['-e', '0'], project.folder));
      listed.push(await timeOf(list(served.url), project.folder));
    }
    await served.stop();
    say({
      what: 'dfns list beside node -e 0, ms',
      ours: median(listed).toFixed(0),
      ceiling: median(nothing).toFixed(0),
      ratio: '',
      binds: 'at most 250 more',
    });
    const times = [];
    for (let i = 0; i < 3; i++) times.push(await devTimes(project.folder, 2));
    const ready = median(times.map(({ readyMs }) => readyMs)).toFixed(0);
    const reload = median(times.flatMap(({ reloadMs }) => reloadMs)).toFixed(0);
    say({ what: 'dfns dev ready, ms', ours: ready, ceiling: '', ratio: '', binds: 'at most 1,500' });
    say({ what: 'dfns dev reloaded, ms', ours: reload, ceiling: '', ratio: '', binds: 'at most 500' });
    const bytes = await idleBytes(project.folder);
    say({ what: 'idle node, RSS, MB', ours: (bytes / 1e6).toFixed(0), ceiling: '', ratio: '', binds: 'under 90' });
  } finally {
    project.remove();
  }
}

const about = `Median of ${pairs} interleaved pairs`;
try {
  if (values.kills !== undefined) {
    await onKills(table, Number(values.kills), values.lease);
    if (values.write) table.write(`kills ${values.lease ?? '3s'}`, `${values.kills} kills`);
  } else if (values.asleep !== undefined) {
    await onAsleep(table, Number(values.asleep));
    if (values.write) table.write('asleep', 'One node on Postgres');
  } else if (values.joins !== undefined) {
    await onJoins(table, Number(values.joins));
    if (values.write) table.write('joins', `${values.joins} joins`);
  } else if (values.nodes !== undefined) {
    await onCluster(table, Number(values.nodes), pairs, workflows);
    if (values.write) table.write('cluster', about);
  } else if (values.store === 'postgres') {
    await onPostgres(table, pairs, workflows);
    if (values.write) table.write('postgres', about);
  } else {
    await throughput();
    await latency();
    await wide();
    await deep();
    await memory();
    await recovery();
    await overHttp();
    await face();
    if (values.write) table.write('results', about);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
