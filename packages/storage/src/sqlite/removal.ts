import type { Removal, Retired } from '@dfnsjs/actor-core/ports';
import { type Eid, isOpen } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { statusOf } from '../rows/run-row.ts';
import { RunTable } from './run-table.ts';

interface Pointed {
  readonly first: Eid;
  readonly shard: number;
  readonly status: number;
}

interface Over {
  readonly first: Eid;
  readonly namespace: string;
  readonly id: string;
  readonly shard: number;
}

/** Runs of executions that are over, and whose own end was the last of their runs. */
const OVER = `SELECT first, namespace, id, shard FROM run AS last INDEXED BY run_closed
  WHERE status NOT IN (0, 6) AND closed_at < @before
    AND NOT EXISTS (SELECT 1 FROM run AS other WHERE other.eid = last.first AND other.eid <> last.eid
      AND (other.closed_at IS NULL OR other.closed_at >= @before))
    AND NOT EXISTS (SELECT 1 FROM run AS other INDEXED BY run_later WHERE other.first = last.first
      AND other.first <> other.eid AND other.eid <> last.eid
      AND (other.closed_at IS NULL OR other.closed_at >= @before))
  ORDER BY closed_at LIMIT @limit`;

/** Deletes whole executions. */
export class Remover {
  readonly #database: Database;
  readonly #runs: RunTable;
  readonly #pointed: Statement<[string, string], Pointed>;
  readonly #chain: Statement<[Eid, Eid], Eid>;
  readonly #ofRun: readonly Statement<[Eid]>[];
  readonly #inbox: Statement<[number, Eid]>;
  readonly #current: Statement<[string, string]>;
  readonly #over: Statement<[{ readonly before: number; readonly limit: number }], Over>;

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
    this.#over = database.prepare(OVER);
  }

  remove(namespace: string, id: string, first: Eid): Removal {
    return this.#database.transaction(() => this.#remove(namespace, id, first)).immediate();
  }

  #remove(namespace: string, id: string, first: Eid): Removal {
    const pointed = this.#pointed.get(namespace, id);
    if (pointed?.first !== first) return 'absent';
    if (isOpen(statusOf(pointed.status) ?? 'running')) return 'open';
    this.#removeChain(pointed.shard, first);
    this.#current.run(namespace, id);
    return 'removed';
  }

  /** What is over by `closedBefore`, `limit` executions at most, in one transaction. */
  retire(closedBefore: number, limit: number): readonly Retired[] {
    return this.#database.transaction(() => this.#retire(closedBefore, limit)).immediate();
  }

  #retire(before: number, limit: number): Retired[] {
    const retired = new Map<Eid, Retired>();
    for (const { first, namespace, id, shard } of this.#over.all({ before, limit })) {
      // Of an execution that was retried two runs may be found.
      if (retired.has(first)) continue;
      const pointed = this.#pointed.get(namespace, id);
      this.#removeChain(shard, first);
      if (pointed?.first === first) this.#current.run(namespace, id);
      retired.set(first, { namespace, id, first });
    }
    return [...retired.values()];
  }

  #removeChain(shard: number, first: Eid): void {
    for (const eid of this.#chain.all(first, first)) {
      this.#runs.remove(eid);
      for (const statement of this.#ofRun) statement.run(eid);
      this.#gone(eid);
    }
    this.#inbox.run(shard, first);
  }
}
