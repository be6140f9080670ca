import type { InboxRow, JournalRow, LoadedRun, SnapshotRow } from '@dfnsjs/actor-core/ports';
import type { Eid, RunRow, ShardId } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { RUN_COLUMNS, type SqlValue, unpackRun } from '../rows/run-row.ts';
import type { TurnLog } from './turn-log.ts';

type StoredRun = Record<string, SqlValue>;

/** Reads whole runs. Nothing comes between the statements of one call: they run on the one connection that writes. */
export class Loader {
  readonly #log: TurnLog;
  readonly #run: Statement<[Eid], StoredRun>;
  readonly #oldest: Statement<[Eid], StoredRun>;
  readonly #later: Statement<[Eid], StoredRun>;
  readonly #current: Statement<[string, string], StoredRun>;
  readonly #journal: Statement<[Eid], JournalRow>;
  readonly #snapshots: Statement<[Eid], SnapshotRow>;
  readonly #inbox: Statement<[ShardId, Eid], InboxRow>;

  constructor(database: Database, log: TurnLog) {
    this.#log = log;
    const columns = RUN_COLUMNS.map(column => `run.${column}`).join(', ');
    this.#run = database.prepare(`SELECT ${columns} FROM run WHERE eid = ?`);
    this.#oldest = database.prepare(`SELECT ${columns} FROM run WHERE eid = ? AND first = eid`);
    this.#later = database.prepare(
      `SELECT ${columns} FROM run WHERE first = ? AND first <> eid ORDER BY started_at, eid`,
    );
    this.#current = database.prepare(
      `SELECT ${columns} FROM current JOIN run ON run.eid = current.eid WHERE current.namespace = ? AND current.id = ?`,
    );
    this.#journal = database.prepare('SELECT seq, turn FROM journal WHERE eid = ? ORDER BY seq');
    this.#snapshots = database.prepare(
      'SELECT first_seq AS "from", last_seq AS "to", turns FROM snapshot WHERE eid = ? ORDER BY first_seq',
    );
    this.#inbox = database.prepare(
      `SELECT shard, receiver, accepted, sender, number, message FROM inbox
       WHERE shard = ? AND receiver = ? ORDER BY accepted, sender, number`,
    );
  }

  load(eid: Eid): LoadedRun | undefined {
    const stored = this.#run.get(eid);
    if (!stored) return undefined;
    const run = unpackRun(stored);
    return {
      run,
      journal: this.#turns(eid),
      snapshots: this.#snapshots.all(eid),
      inbox: this.#inbox.all(run.shard, run.first),
    };
  }

  #turns(eid: Eid): readonly JournalRow[] {
    const moved = this.#journal.all(eid);
    const logged = this.#log.of(eid);
    if (logged.length === 0) return moved;
    return [...moved, ...logged.map(({ seq, turn }) => ({ seq, turn: Uint8Array.from(turn) }))].sort(
      (a, b) => a.seq - b.seq,
    );
  }

  current(namespace: string, id: string): RunRow | undefined {
    const stored = this.#current.get(namespace, id);
    return stored && unpackRun(stored);
  }

  /** By time, not by eid: a node that joined earlier may write a later run. */
  chain(first: Eid): readonly RunRow[] {
    const oldest = this.#oldest.get(first);
    return [...(oldest ? [oldest] : []), ...this.#later.all(first)].map(unpackRun);
  }
}
