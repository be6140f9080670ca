import pg from 'pg';
import { packArray, type Element, type ElementValue } from './arrays.ts';

/** As the store batches. */
const BATCH = 128;

/** What one turn of a run wrote: a journal row, and at its two ends the run's. */
interface Written {
  readonly eid: number;
  readonly seq: number;
  readonly commitId: string;
  readonly turn: Buffer;
  readonly started: boolean;
  readonly closed: boolean;
}

type RunColumns = Readonly<Record<string, ElementValue>>;

export interface Recording {
  readonly columns: readonly { readonly name: string; readonly type: Element }[];
  readonly runs: ReadonlyMap<number, RunColumns>;
  readonly rows: readonly Written[];
}

const CLOSED = ['status', 'closed_at', 'wake_at', 'output', 'turns', 'bytes', 'waiting', 'last_error', 'build'];
const OPEN: RunColumns = { status: 0, closed_at: null, wake_at: 0, output: null, turns: 0, bytes: 0 };

const BIGINT = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => ((oid as number) === BIGINT ? Number : pg.types.getTypeParser(oid, format)),
};

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, types });
  await client.connect();
  return client;
}

/** All that a node left in the database, in the order in which it was committed. */
export async function record(url: string): Promise<Recording> {
  const client = await connect(url);
  const { rows: columns } = await client.query<{ name: string; type: Element }>(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'dfns' AND table_name = 'run' ORDER BY ordinal_position`,
  );
  const { rows: runs } = await client.query<RunColumns>('SELECT * FROM dfns.run WHERE status = 1');
  const byEid = new Map(runs.map(run => [run['eid'] as number, run]));
  const { rows } = await client.query<{ eid: number; seq: number; commit_id: string; turn: Buffer }>(
    'SELECT * FROM dfns.journal',
  );
  await client.end();
  const order = ({ commitId }: Written) => Number.parseInt(commitId.split('.')[1]!, 36);
  return {
    columns,
    runs: byEid,
    rows: rows
      .map(({ eid, seq, commit_id: commitId, turn }): Written => {
        return { eid, seq, commitId, turn, started: seq === 1, closed: seq === byEid.get(eid)!['turns'] };
      })
      .toSorted((a, b) => order(a) - order(b)),
  };
}

/**
 * A batch as one call, in one transaction of the server's, that checks nothing: the arrays of runs that start, of journal
 * rows, and of runs that close.
 */
export async function prepareBare(client: pg.Client, { columns }: Recording): Promise<void> {
  const closing = ['eid', ...CLOSED].map(name => columns.find(column => column.name === name)!);
  const parameters = [
    ...columns.map(({ name, type }) => `r_${name} ${type}[]`),
    'j_eid bigint[], j_seq integer[], j_commit text[], j_turn bytea[]',
    ...closing.map(({ name, type }) => `c_${name} ${type}[]`),
  ];
  await client.query(`CREATE FUNCTION bare_batch(${parameters.join(', ')}) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  IF r_eid IS NOT NULL THEN
    INSERT INTO dfns.run (${columns.map(({ name }) => name).join(', ')})
      SELECT * FROM unnest(${columns.map(({ name }) => `r_${name}`).join(', ')});
    INSERT INTO dfns.current SELECT * FROM unnest(r_namespace, r_id, r_eid);
  END IF;
  INSERT INTO dfns.journal SELECT * FROM unnest(j_eid, j_seq, j_commit, j_turn);
  IF c_eid IS NOT NULL THEN
    UPDATE dfns.run t SET ${CLOSED.map(name => `${name} = c.${name}`).join(', ')}
      FROM unnest(${closing.map(({ name }) => `c_${name}`).join(', ')}) AS c(${closing.map(({ name }) => name).join(', ')})
      WHERE t.eid = c.eid;
  END IF;
END $$`);
}

/** The rows from one place to another, in full batches over one connection, no wait but the answer. */
export async function writeBare(client: pg.Client, recording: Recording, from: number, to: number): Promise<void> {
  const { columns, runs, rows } = recording;
  const closing = ['eid', ...CLOSED].map(name => columns.find(column => column.name === name)!);
  const places = Array.from({ length: columns.length + 4 + closing.length }, (_, i) => `$${i + 1}`).join(', ');
  const call = `SELECT bare_batch(${places})`;
  for (let at = from; at < to; at += BATCH) {
    const batch = rows.slice(at, Math.min(at + BATCH, to));
    const started = batch.filter(row => row.started).map(({ eid }): RunColumns => ({ ...runs.get(eid), ...OPEN }));
    const closed = batch.filter(row => row.closed).map(({ eid }) => runs.get(eid)!);
    const of = (from: readonly RunColumns[], { name, type }: Recording['columns'][number]) =>
      packArray(
        type,
        from.map(run => run[name] ?? null),
      );
    await client.query(call, [
      ...columns.map(column => of(started, column)),
      packArray(
        'bigint',
        batch.map(row => row.eid),
      ),
      packArray(
        'integer',
        batch.map(row => row.seq),
      ),
      packArray(
        'text',
        batch.map(row => row.commitId),
      ),
      packArray(
        'bytea',
        batch.map(row => row.turn),
      ),
      ...closing.map(column => of(closed, column)),
    ]);
  }
}

const TURN = Buffer.alloc(80);

/** A commit of one journal row. */
export async function bareCommit(client: pg.Client, seq: number): Promise<void> {
  await client.query("INSERT INTO dfns.journal VALUES (1, $1, 'bare', $2)", [seq, TURN]);
}

/** Milliseconds of each of `count` of them. */
export async function bareCommits(client: pg.Client, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const start = performance.now();
    await bareCommit(client, seq);
    times.push(performance.now() - start);
  }
  return times;
}
