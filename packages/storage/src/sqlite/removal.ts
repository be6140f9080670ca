import { rulesFor, type Removal, type Retired, type RetentionRule } from '@dfnsjs/actor-core/ports';
import { type Eid, isOpen, type ShardId, STATUSES } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { RETIRED_COLUMNS, statusOf, unpackRetired } from '../rows/run-row.ts';
import { RunTable } from './run-table.ts';

interface Pointed {
  readonly first: Eid;
  readonly shard: number;
  readonly status: number;
}

type Over = Parameters<typeof unpackRetired>[0] & { readonly shard: ShardId; readonly closed_at: number };

interface OverAsked {
  readonly workflow: string;
  readonly status: number;
  readonly before: number;
  /** JSON. */
  readonly shards: string;
  readonly limit: number;
}

/** Runs of a workflow that ended so, long ago, as the last of their executions. */
const OVER = `SELECT ${RETIRED_COLUMNS.join(', ')}, shard, closed_at FROM run AS last INDEXED BY run_closed
  WHERE workflow = @workflow AND status = @status AND status NOT IN (0, 6) AND closed_at < @before
    AND shard IN (SELECT value FROM json_each(@shards))
    AND NOT EXISTS (SELECT 1 FROM run AS other WHERE other.eid = last.first AND other.eid <> last.eid
      AND (other.closed_at IS NULL OR (other.closed_at, other.eid) > (last.closed_at, last.eid)))
    AND NOT EXISTS (SELECT 1 FROM run AS other INDEXED BY run_later WHERE other.first = last.first
      AND other.first <> other.eid AND other.eid <> last.eid
      AND (other.closed_at IS NULL OR (other.closed_at, other.eid) > (last.closed_at, last.eid)))
  ORDER BY closed_at LIMIT @limit`;

/** Workflows are looked for one behind the other: there are few, and many runs of each. */
const NEXT_WORKFLOW = `SELECT workflow FROM run INDEXED BY run_closed
  WHERE status NOT IN (0, 6) AND workflow > ? ORDER BY workflow LIMIT 1`;

/** Deletes whole executions. */
export class Remover {
  readonly #database: Database;
  readonly #runs: RunTable;
  readonly #pointed: Statement<[string, string], Pointed>;
  readonly #chain: Statement<[Eid, Eid], Eid>;
  readonly #ofRun: readonly Statement<[Eid]>[];
  readonly #inbox: Statement<[number, Eid]>;
  readonly #current: Statement<[string, string]>;
  readonly #over: Statement<[OverAsked], Over>;
  readonly #nextWorkflow: Statement<[string], string>;

  readonly #gone: (eid: Eid) => void;
  #removed: Eid[] = [];

  /** `gone` is told of each run, once that is committed. */
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
    this.#nextWorkflow = database.prepare<[string], string>(NEXT_WORKFLOW).pluck();
  }

  #inTransaction<T>(work: () => T): T {
    this.#removed = [];
    const answer = this.#database.transaction(work).immediate();
    for (const eid of this.#removed) this.#gone(eid);
    return answer;
  }

  remove(namespace: string, id: string, first: Eid): Removal {
    return this.#inTransaction(() => this.#remove(namespace, id, first));
  }

  #remove(namespace: string, id: string, first: Eid): Removal {
    const pointed = this.#pointed.get(namespace, id);
    if (pointed?.first !== first) return 'absent';
    if (isOpen(statusOf(pointed.status) ?? 'running')) return 'open';
    this.#removeChain(pointed.shard, first);
    this.#current.run(namespace, id);
    return 'removed';
  }

  /** What is over by the rules, of these shards, `limit` executions at most, in one transaction. */
  retire(rules: readonly RetentionRule[], shards: readonly ShardId[], limit: number): readonly Retired[] {
    return this.#inTransaction(() => this.#retire(rules, JSON.stringify(shards), limit));
  }

  #retire(rules: readonly RetentionRule[], shards: string, limit: number): Retired[] {
    const over = this.#workflows().flatMap(workflow =>
      rulesFor(workflow, rules).flatMap(({ status, closedBefore }) =>
        this.#over.all({ workflow, status: STATUSES.indexOf(status), before: closedBefore, shards, limit }),
      ),
    );
    over.sort((a, b) => a.closed_at - b.closed_at);
    return over.slice(0, limit).map(stored => {
      const retired = unpackRetired(stored);
      const { first, namespace, id } = retired;
      const pointed = this.#pointed.get(namespace, id);
      this.#removeChain(stored.shard, first);
      if (pointed?.first === first) this.#current.run(namespace, id);
      return retired;
    });
  }

  #workflows(): string[] {
    const workflows: string[] = [];
    for (let next = this.#nextWorkflow.get(''); next !== undefined; next = this.#nextWorkflow.get(next)) {
      workflows.push(next);
    }
    return workflows;
  }

  #removeChain(shard: number, first: Eid): void {
    for (const eid of this.#chain.all(first, first)) {
      this.#runs.remove(eid);
      for (const statement of this.#ofRun) statement.run(eid);
      this.#removed.push(eid);
    }
    this.#inbox.run(shard, first);
  }
}
