import type { Counted, ListedRun } from '@dfnsjs/actor-core/ports';
import type { ExecutionFilter, ListPage } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { type Query, selectRuns } from './list-query.ts';
import { LISTED_COLUMNS, type SqlValue, statusOf, unpackListed } from '../rows/run-row.ts';

/** Shapes of filters kept prepared. */
const STATEMENTS = 64;

interface Group {
  readonly status: number;
  readonly workflow: string;
  readonly runs: number;
}

export class Listing {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement<SqlValue[]>>();

  constructor(database: Database) {
    this.#database = database;
  }

  list(page: ListPage): readonly ListedRun[] {
    if (page.filter.status?.length === 0) return [];
    const query = selectRuns(LISTED_COLUMNS, page.filter, page);
    return this.#all<Record<string, SqlValue>>({
      sql: `${query.sql} LIMIT ?`,
      values: [...query.values, page.limit],
    }).map(unpackListed);
  }

  count(filter: ExecutionFilter, cap: number): Counted {
    const byStatus = new Map<string, number>();
    const byWorkflow = new Map<string, number>();
    if (filter.status?.length === 0) return { count: 0, byStatus, byWorkflow, capped: false };
    const query = selectRuns(['status', 'workflow'], filter);
    const counted = `SELECT status, workflow, count(*) AS runs FROM (SELECT * FROM (${query.sql}) LIMIT ?) GROUP BY status, workflow`;
    let count = 0;
    for (const group of this.#all<Group>({ sql: counted, values: [...query.values, cap] })) {
      const status = statusOf(group.status) ?? String(group.status);
      byStatus.set(status, (byStatus.get(status) ?? 0) + group.runs);
      byWorkflow.set(group.workflow, (byWorkflow.get(group.workflow) ?? 0) + group.runs);
      count += group.runs;
    }
    const beyond = { sql: `SELECT 1 FROM (${query.sql}) LIMIT 1 OFFSET ?`, values: [...query.values, cap] };
    return { count, byStatus, byWorkflow, capped: count === cap && this.#all(beyond).length > 0 };
  }

  #all<T>({ sql, values }: Query): T[] {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare<SqlValue[]>(sql);
      if (this.#statements.size >= STATEMENTS) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement.all(...values) as T[];
  }
}
