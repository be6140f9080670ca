import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, startNats } from '@dfnsjs/nats-server';
import { startPostgres } from '@dfnsjs/postgres-server';
import { connect } from 'dfns/client';
import { startBalancer } from './balancer.ts';
import { Load, type Delivery } from './load.ts';
import { Program } from './processes.ts';

/** Three nodes on Postgres and NATS behind a balancer; one is killed under load, and nothing is lost or doubled. */
const DFNS = join(import.meta.dirname, '../../packages/dfns/bin/dfns.js');
const NODES = ['A', 'B', 'C'];
const PARCELS = 40;
/** Of 64 shards. */
const LEAST_SHARE = 10;
const BEFORE_S = 3;
const AFTER_S = 9;

const begun = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'dfns-demo-cluster-'));
const ledger = join(folder, 'ledger');
writeFileSync(ledger, '');
const stops: (() => Promise<unknown>)[] = [];

function say(what: string, text: string): void {
  const at = ((performance.now() - begun) / 1_000).toFixed(1);
  console.log(`${at.padStart(5)} s  ${what.padEnd(9)} ${text}`);
}

/** One line a second: what the callers saw. */
async function watch(load: Load, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await pause(1_000);
    const { answered, slowestMs } = load.tally();
    say('load', `${String(answered).padStart(4)} signals answered, the slowest after ${Math.round(slowestMs)} ms`);
  }
}

function report(deliveries: readonly Delivery[], total: number): boolean {
  const wrong = deliveries.filter(({ sent, taken }) => taken.length !== sent || taken.some((n, at) => n !== at + 1));
  for (const { id, sent, taken } of wrong) console.log(`  ${id}: sent 1 to ${sent}, taken ${taken.join(' ')}`);
  const bodies = readFileSync(ledger, 'utf8').split('\n').filter(Boolean);
  const once = new Set(bodies).size === bodies.length && bodies.length === deliveries.length;
  const [first] = deliveries;
  console.log(`\n${first?.id} says that it took ${first?.taken.join(' ')}`);
  console.log(
    `Signals answered: ${total}; each taken once and in order by ${deliveries.length - wrong.length} of ${deliveries.length} parcels`,
  );
  console.log(
    `Bodies of "hand-over" that began: ${bodies.length} for ${deliveries.length} parcels${once ? ', each once' : ''}`,
  );
  return wrong.length === 0 && once;
}

console.log('Forty parcels, three nodes behind a balancer, one of them killed.\n');
try {
  const postgres = await startPostgres();
  stops.push(() => postgres.stop());
  const nats = await startNats();
  stops.push(() => nats.stop());
  say('start', `Postgres at ${postgres.port}, NATS at ${nats.port}`);
  const store = postgres.url(await postgres.createDatabase());
  await promisify(execFile)(process.execPath, [DFNS, 'migrate', '--store', store]);
  const nodes = new Map<string, Program>();
  const ports: number[] = [];
  for (const name of NODES) {
    const port = await freePort();
    const args = [store, nats.url, `node-${name}`, String(port)];
    const node = new Program(process.execPath, [join(import.meta.dirname, 'node.ts'), ...args]);
    stops.push(() => node.end('SIGKILL'));
    nodes.set(name, node);
    ports.push(port);
  }
  for (const [name, node] of nodes) {
    await node.ready();
    say('start', `node ${name}, process ${node.pid}`);
  }
  const balancer = await startBalancer(folder, ports);
  stops.push(() => balancer.stop());
  say('start', `haproxy before them at ${balancer.url}`);

  const database = new URL(store).pathname.slice(1);
  const shares = async () => {
    const sql = 'SELECT count(*)::int AS shards FROM dfns.shard WHERE owner IS NOT NULL GROUP BY owner';
    return (await postgres.run(database, sql)).map(({ shards }) => Number(shards));
  };
  // Nodes that have just come get shards once nobody has come or gone for ten seconds.
  let shared = await shares();
  while (shared.length < NODES.length || Math.min(...shared) < LEAST_SHARE) {
    await pause(200);
    shared = await shares();
  }
  say('start', `each node has its share of the shards: ${shared.join(', ')}`);

  const load = new Load(connect(balancer.url, { attempts: 20 }), ledger);
  const delivering = load.deliver(PARCELS);
  // Its failure is seen at the end.
  delivering.catch(() => undefined);
  await watch(load, BEFORE_S);
  say('SIGKILL', 'node B, in the middle of it');
  await nodes.get('B')!.end('SIGKILL');
  await watch(load, AFTER_S);
  load.arrive();
  const deliveries = await delivering;
  say('results', `all ${deliveries.length} parcels have arrived; their callers waited from the start`);
  const isRight = report(deliveries, load.total);
  console.log(isRight ? '\nNothing was lost, nothing was doubled.' : '\nSomething is wrong.');
  process.exitCode = isRight ? 0 : 1;
} finally {
  for (const stop of stops.toReversed()) await stop();
  rmSync(folder, { recursive: true, force: true });
}
