import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateStore } from '@dfnsjs/storage';
import { freePort, startNats, type NatsServer } from '@dfnsjs/nats-server';
import { startPostgres, type PostgresServer } from '@dfnsjs/postgres-server';
import { connect, type Client } from 'dfns/client';
import { Program } from '../../examples/cluster/processes.ts';
import { until } from '../end-to-end/until.ts';
import { Passage } from './passage.ts';
import { SmallDisk } from './small-disk.ts';

export interface ClusterProcess {
  readonly place: string;
  readonly port: number;
  /** Its ways to the servers. */
  readonly toNats: Passage;
  readonly toStore: Passage;
  /** Another one after a restart. */
  program: Program;
}

/** Real nodes in processes of their own, on a Postgres and a NATS of their own. */
export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'dfns-chaos-'));
  readonly ledger = join(this.folder, 'ledger');
  /** Those that are to answer. */
  readonly nodes: ClusterProcess[] = [];
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  readonly database: string;
  /** That of Postgres, if it has one of its own. */
  readonly disk: SmallDisk | undefined;
  /** Where a process was killed. */
  readonly #killed = new Set<string>();
  readonly #passages: Passage[] = [];
  #started = 0;
  #turn = 0;

  private constructor(postgres: PostgresServer, nats: NatsServer, database: string, disk: SmallDisk | undefined) {
    this.postgres = postgres;
    this.disk = disk;
    this.nats = nats;
    this.database = database;
    writeFileSync(this.ledger, '');
  }

  /** @param diskMb of Postgres; default: it shares that of this machine */
  static async start(count: number, diskMb?: number): Promise<Cluster> {
    const disk = diskMb === undefined ? undefined : new SmallDisk(diskMb);
    const postgres = await startPostgres(disk ? { home: disk.folder } : {});
    const nats = await startNats();
    const database = await postgres.createDatabase();
    await migrateStore(postgres.url(database), { check: false });
    const cluster = new Cluster(postgres, nats, database, disk);
    await Promise.all(Array.from({ length: count }, () => cluster.add()));
    return cluster;
  }

  /** Starts one more node; resolves when it serves. */
  async add(): Promise<ClusterProcess> {
    const place = `place-${++this.#started}`;
    const port = await freePort();
    const toNats = await Passage.start(this.nats.port);
    const toStore = await Passage.start(this.postgres.port);
    this.#passages.push(toNats, toStore);
    const node = { place, port, toNats, toStore, program: this.#run({ place, port, toNats, toStore }) };
    await node.program.ready();
    this.nodes.push(node);
    return node;
  }

  /** Takes a node out of those that are asked, and ends its process. */
  async end(node: ClusterProcess, signal: NodeJS.Signals): Promise<void> {
    if (signal === 'SIGKILL') this.#killed.add(node.place);
    else this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.program.end(signal);
    if (signal === 'SIGKILL') this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  /** Starts a node again whose process died; it is asked all the while. */
  async revive(node: ClusterProcess): Promise<void> {
    this.#killed.add(node.place);
    node.program = this.#run(node);
    await node.program.ready();
  }

  /** Where bodies may have been lost: a process was killed, or a node went on as another since its lease was over. */
  async harmed(): Promise<ReadonlySet<string>> {
    const sql = 'SELECT address FROM dfns.node GROUP BY address HAVING count(*) > 1';
    const again = await this.postgres.run(this.database, sql);
    return new Set([...this.#killed, ...again.map(({ address }) => String(address))]);
  }

  /** Until each of so many nodes owns a shard at least. */
  async shared(count: number): Promise<void> {
    const sql = 'SELECT count(*) FROM dfns.shard WHERE owner IS NOT NULL GROUP BY owner HAVING count(*) > 3';
    await until(async () => (await this.postgres.run(this.database, sql)).length >= count);
  }

  /** How often shards were taken so far. */
  async takings(): Promise<number> {
    const [row] = await this.postgres.run(this.database, 'SELECT sum(epoch) AS takings FROM dfns.shard');
    return Number(row!['takings']);
  }

  /** Asks the nodes in turn, as a balancer does that knows nothing of their health. */
  client(): Client {
    const turning: typeof fetch = (input, init) => {
      const { port } = this.nodes[this.#turn++ % this.nodes.length]!;
      const url = new URL(input instanceof Request ? input.url : input);
      url.port = String(port);
      return fetch(url, init);
    };
    return connect('http://127.0.0.1', { fetch: turning, attempts: 60 });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ program }) => program.end('SIGKILL')));
    await Promise.all(this.#passages.map(passage => passage.stop()));
    await this.nats.stop();
    await this.postgres.stop();
    this.disk?.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run({ place, port, toNats, toStore }: Omit<ClusterProcess, 'program'>): Program {
    const urls = [toStore.through(this.postgres.url(this.database)), toNats.through(this.nats.url)];
    return new Program(process.execPath, [join(import.meta.dirname, 'node.ts'), ...urls, place, String(port)]);
  }
}
