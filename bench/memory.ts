import Sqlite from 'better-sqlite3';
import { open, startWaiting } from './workloads.ts';

export interface WaitingCost {
  /** Heap and buffers of one execution in memory that waits for a signal. */
  readonly residentBytes: number;
  /** Of one that was put out. */
  readonly passivatedBytes: number;
  /** Of its run row: the bytes of all its columns. */
  readonly rowBytes: number;
}

const COUNT = 10_000;

/** Run with --expose-gc. */
export async function waitingCost(path: string): Promise<WaitingCost> {
  const residentBytes = await grown(path, COUNT + 1_000);
  const passivatedBytes = await grown(`${path}-out`, 100);
  return { residentBytes, passivatedBytes: Math.max(0, passivatedBytes), rowBytes: rowBytes(path) };
}

async function grown(path: string, residents: number): Promise<number> {
  const node = await open(path, { residents });
  await startWaiting(node, 1_000, () => false);
  const before = held();
  await startWaiting({ ...node, client: renamed(node.client) }, COUNT, () => false);
  const after = held();
  await node.stop();
  return (after - before) / COUNT;
}

/** The same client with other ids, so that the second lot does not meet the first. */
function renamed<Client extends { start(...args: never[]): Promise<unknown> }>(client: Client): Client {
  return {
    ...client,
    start: (...[workflow, input, options]: [never, never, { id: string }]) =>
      client.start(...([workflow, input, { ...options, id: `again-${options.id}` }] as never[])),
  };
}

function held(): number {
  if (!global.gc) throw new Error('Run with --expose-gc.');
  for (let i = 0; i < 4; i++) global.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

function rowBytes(path: string): number {
  const database = new Sqlite(path, { readonly: true });
  const columns = database
    .prepare<[], { name: string }>("SELECT name FROM pragma_table_info('run')")
    .all()
    .map(({ name }) => `coalesce(length(CAST(${name} AS BLOB)), 0)`);
  const bytes = database
    .prepare<[], number>(`SELECT avg(${columns.join(' + ')}) FROM run WHERE status = 0`)
    .pluck()
    .get()!;
  database.close();
  return bytes;
}
