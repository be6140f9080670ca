import { openStore } from '@dfnsjs/storage';
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

/** Rows as an engine run of the same workload left them. */
export interface RowSample {
  readonly run: Readonly<Record<string, unknown>>;
  /** Bytes of the turns, by seq from 1. */
  readonly turns: readonly Buffer[];
  readonly commitId: string;
}

export function sampleRows(path: string, workflow: string): RowSample {
  const database = new Sqlite(path, { readonly: true });
  const run = database
    .prepare<[string], Record<string, unknown>>(
      'SELECT * FROM run WHERE workflow = ? AND status = 1 ORDER BY eid DESC LIMIT 1 OFFSET 50',
    )
    .get(workflow)!;
  const rows = database
    .prepare<[unknown], { turn: Buffer; commit_id: string }>(
      'SELECT turn, commit_id FROM journal WHERE eid = ? ORDER BY seq',
    )
    .all(run['eid']);
  database.close();
  return { run, turns: rows.map(row => row.turn), commitId: rows[0]!.commit_id };
}

/**
 * The rows of `workflows` runs (run and current, a journal row a turn, the close) written by a loop that knows nothing:
 * the same statements, `inFlight` runs at a time, no wait but the commit.
 */
export async function bareRuns(path: string, sample: RowSample, workflows: number, inFlight: number): Promise<Spent> {
  const database = await openBare(path);
  const columns = Object.keys(sample.run);
  const insertRun = database.prepare(
    `INSERT INTO run (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const insertCurrent = database.prepare('INSERT INTO current VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const insertTurn = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?)');
  const close = database.prepare(
    'UPDATE run SET status = ?, closed_at = ?, wake_at = ?, output = ?, turns = ?, bytes = ?, waiting = ?, last_error = ?, build = ? WHERE eid = ?',
  );
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const { run, turns, commitId } = sample;
  const open: Record<string, unknown> = {
    ...run,
    status: 0,
    closed_at: null,
    wake_at: 0,
    output: null,
    turns: 0,
    bytes: 0,
  };
  let eid = 2 ** 30;
  const loop = (total: number) => {
    let begun = 0;
    let ended = 0;
    const queue: { eid: number; seq: number }[] = [];
    const next = () => {
      if (begun === total) return;
      begun++;
      queue.push({ eid: eid++, seq: 0 });
    };
    for (let i = 0; i < inFlight; i++) next();
    while (ended < total) {
      const batch = queue.splice(0, BATCH);
      begin.run();
      for (const each of batch) {
        each.seq++;
        if (each.seq === 1) {
          const id = `bench-${each.eid}`;
          const row = { ...open, eid: each.eid, first: each.eid, id, shard: each.eid % 16 };
          insertRun.run(...columns.map(column => row[column as keyof typeof row]));
          insertCurrent.run(run['namespace'], id, each.eid);
        }
        insertTurn.run(each.eid, each.seq, commitId, turns[each.seq - 1]);
        if (each.seq === turns.length) {
          close.run(
            1,
            run['closed_at'],
            null,
            run['output'],
            run['turns'],
            run['bytes'],
            null,
            null,
            run['build'],
            each.eid,
          );
        }
      }
      commit.run();
      for (const each of batch) {
        if (each.seq < turns.length) queue.push(each);
        else {
          ended++;
          next();
        }
      }
    }
  };
  loop(inFlight * 2);
  const spent = await spend(() => loop(workflows));
  database.close();
  return spent;
}

/** Milliseconds of each of `count` commits of one journal row. */
export async function bareCommits(path: string, count: number): Promise<number[]> {
  const database = await openBare(path);
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
