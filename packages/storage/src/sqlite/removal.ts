import type { Removal } from '@dfnsjs/actor-core/ports';
import { type Eid, isOpen } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { statusOf } from '../rows/run-row.ts';
import { RunTable } from './run-table.ts';

interface Pointed {
  readonly first: Eid;
  readonly shard: number;
  readonly status: number;
}

/** Deletes whole executions, each in a transaction of its own. */
export class Remover {
  readonly #database: Database;
  readonly #runs: RunTable;
  readonly #pointed: Statement<[string, string], Pointed>;
  readonly #chain: Statement<[Eid, Eid], Eid>;
  readonly #ofRun: readonly Statement<[Eid]>[];
  readonly #inbox: Statement<[number, Eid]>;
  readonly #current: Statement<[string, string]>;

  readonly #gone: (eid: Eid) => void;

  /** `gone` is told of each run. */
  constructor(database: Database, gone: (eid: Eid) => void) {
    this.#database = database;
    this.#gone = gone;
    this.#runs = new RunTable(database);
    this.#pointed = database.prepare(
      'SELECT first, shard, status FROM current JOIN run ON run.eid = current.eid WHERE current.namespace = ? AND current.id = ?',
    );
    this.#chain = database
      .prepare<[Eid, Eid], Eid>(
        'SELECT eid FROM run WHERE eid = ? UNION SELECT eid FROM run WHERE first = ? AND first <> eid',
      )
      .pluck();
    this.#ofRun = ['journal', 'snapshot'].map(table => database.prepare(`DELETE FROM ${table} WHERE eid = ?`));
    this.#inbox = database.prepare('DELETE FROM inbox WHERE shard = ? AND receiver = ?');
    this.#current = database.prepare('DELETE FROM current WHERE namespace = ? AND id = ?');
  }

  remove(namespace: string, id: string, first: Eid): Removal {
    return this.#database.transaction(() => this.#remove(namespace, id, first)).immediate();
  }

  #remove(namespace: string, id: string, first: Eid): Removal {
    const pointed = this.#pointed.get(namespace, id);
    if (pointed?.first !== first) return 'absent';
    if (isOpen(statusOf(pointed.status) ?? 'running')) return 'open';
    for (const eid of this.#chain.all(first, first)) {
      this.#runs.remove(eid);
      for (const statement of this.#ofRun) statement.run(eid);
      this.#gone(eid);
    }
    this.#inbox.run(pointed.shard, first);
    this.#current.run(namespace, id);
    return 'removed';
  }
}
