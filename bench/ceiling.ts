import { openStore } from '@dfnsjs/storage';
import { appendFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { spend, type Spent } from './measure.ts';

/** As the store batches: SQLite takes 128 turns a transaction. */
const BATCH = 128;

/** A database of the store's own schema, indexes and PRAGMAs, without the store. */
async function openBare(path: string): Promise<Sqlite.Database> {
  const store = await openStore(`sqlite:${path}`, { clock: () => Date.now() });
  await store.close();
  const database = new Sqlite(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('wal_autocheckpoint = 4000');
  database.pragma('journal_size_limit = 32768000');
  database.pragma('cache_size = -32768');
  database.pragma('temp_store = MEMORY');
  return database;
}

/** What one turn of a run wrote: a journal row, and at its two ends the run's. */
interface Written {
  readonly eid: number;
  readonly seq: number;
  readonly commitId: string;
  readonly turn: Buffer;
  /** At the first turn: all columns of the run as it was started. */
  readonly started?: readonly unknown[];
  /** At the last: what the close sets. */
  readonly closed?: readonly unknown[];
}

export interface Recording {
  readonly columns: readonly string[];
  readonly rows: readonly Written[];
}

const CLOSED = ['status', 'closed_at', 'wake_at', 'output', 'turns', 'bytes', 'waiting', 'last_error', 'build'];
const OPEN = { status: 0, closed_at: null, wake_at: 0, output: null, turns: 0, bytes: 0 };

/** All that an engine run left in `path`, in the order in which it was committed. */
export function record(path: string): Recording {
  const database = new Sqlite(path, { readonly: true });
  const runs = new Map(
    database
      .prepare<[], Record<string, unknown>>('SELECT * FROM run WHERE status = 1')
      .all()
      .map(run => [run['eid'] as number, run]),
  );
  const columns = Object.keys(runs.values().next().value!);
  const rows = database
    .prepare<[], { eid: number; seq: number; commit_id: string; turn: Buffer }>('SELECT * FROM journal')
    .all()
    .map(({ eid, seq, commit_id: commitId, turn }): Written => {
      const run = runs.get(eid)!;
      return {
        eid,
        seq,
        commitId,
        turn,
        ...(seq === 1 && { started: Object.values({ ...run, ...OPEN }) }),
        ...(seq === run['turns'] && { closed: CLOSED.map(column => run[column]) }),
      };
    });
  database.close();
  const order = ({ commitId }: Written) => Number.parseInt(commitId.split('.')[1]!, 36);
  return { columns, rows: rows.toSorted((a, b) => order(a) - order(b)) };
}

/**
 * The rows of a recording (run and current, a journal row a turn, the close), in its order, written by a loop that knows
 * nothing: prepared statements, full batches, no wait but the commit. The first `warm` are not measured.
 */
export async function bareRuns(path: string, { columns, rows }: Recording, warm: number): Promise<Spent> {
  const database = await openBare(path);
  const insertRun = database.prepare(
    `INSERT INTO run (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const insertCurrent = database.prepare('INSERT INTO current VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const insertTurn = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?)');
  const close = database.prepare(`UPDATE run SET ${CLOSED.map(column => `${column} = ?`).join(', ')} WHERE eid = ?`);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const namespace = columns.indexOf('namespace');
  const id = columns.indexOf('id');
  const write = (from: number, to: number) => {
    for (let i = from; i < to;) {
      begin.run();
      for (const end = Math.min(i + BATCH, to); i < end; i++) {
        const { eid, seq, commitId, turn, started, closed } = rows[i]!;
        if (started) {
          insertRun.run(...started);
          insertCurrent.run(started[namespace], started[id], eid);
        }
        insertTurn.run(eid, seq, commitId, turn);
        if (closed) close.run(...closed, eid);
      }
      commit.run();
    }
  };
  write(0, warm);
  const spent = await spend(() => write(warm, rows.length));
  database.close();
  return spent;
}

/**
 * Milliseconds of each of `count` commits of one journal row. `laid`: into a log whose blocks are there already, as the
 * store lays it out, where one that grows makes fsync wait for the file system's journal too.
 */
export async function bareCommits(path: string, count: number, log: 'growing' | 'laid'): Promise<number[]> {
  const database = await openBare(path);
  if (log === 'laid') {
    database.exec('CREATE TABLE started (a)');
    appendFileSync(`${path}-wal`, Buffer.alloc(16_000_000));
  }
  const insert = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?)');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const turn = Buffer.alloc(80);
  const times: number[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const start = performance.now();
    begin.run();
    insert.run(1, seq, 'bare', turn);
    commit.run();
    times.push(performance.now() - start);
  }
  database.close();
  return times;
}
