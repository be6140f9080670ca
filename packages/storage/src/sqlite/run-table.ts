import type { Attributes, Eid, RunPatch, RunRow } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { packValue, unpackAttributes } from '../rows/attribute-values.ts';
import { packRun, PATCH_COLUMNS, RUN_COLUMNS, type SqlValue } from '../rows/run-row.ts';

/** Kept prepared; more shapes of patches than the engine has. */
const PATCH_STATEMENTS = 64;

/** What of a run its attributes stand by. */
type Listed = Pick<RunRow, 'eid' | 'namespace' | 'startedAt'>;
type StoredAttributes = Listed & { readonly attributes: string | null };

/** Writes runs and the attributes they are found by. */
export class RunTable {
  readonly #database: Database;
  readonly #insert: Statement<SqlValue[]>;
  readonly #delete: Statement<[Eid]>;
  readonly #insertAttribute: Statement<SqlValue[]>;
  readonly #deleteAttribute: Statement<SqlValue[]>;
  readonly #attributesOf: Statement<[Eid], StoredAttributes>;
  /** By the set of columns, one bit each. */
  readonly #updates = new Map<number, Statement<SqlValue[]>>();

  constructor(database: Database) {
    this.#database = database;
    const places = RUN_COLUMNS.map(() => '?').join(', ');
    this.#insert = database.prepare(`INSERT INTO run (${RUN_COLUMNS.join(', ')}) VALUES (${places})`);
    this.#delete = database.prepare('DELETE FROM run WHERE eid = ?');
    this.#insertAttribute = database.prepare('INSERT INTO attribute VALUES (?, ?, ?, ?, ?, ?)');
    this.#deleteAttribute = database.prepare(
      'DELETE FROM attribute WHERE namespace = ? AND name = ? AND type = ? AND value = ? AND started_at = ? AND eid = ?',
    );
    this.#attributesOf = database.prepare(
      'SELECT eid, namespace, started_at AS startedAt, attributes FROM run WHERE eid = ?',
    );
  }

  insert(row: RunRow): void {
    this.#insert.run(...packRun(row));
    if (row.attributes) this.#index(this.#insertAttribute, row, row.attributes);
  }

  /** false: there is no such run. */
  update(eid: Eid, patch: RunPatch): boolean {
    if (patch.attributes !== undefined && !this.#reindex(eid, patch.attributes)) return false;
    let shape = 0;
    const values: SqlValue[] = [];
    for (let i = 0; i < PATCH_COLUMNS.length; i++) {
      const value = PATCH_COLUMNS[i]!.pack(patch);
      if (value === undefined) continue;
      shape |= 1 << i;
      values.push(value);
    }
    values.push(eid);
    return this.#updateOf(shape).run(...values).changes === 1;
  }

  /** The run and what it is found by. */
  remove(eid: Eid): void {
    this.#reindex(eid, null);
    this.#delete.run(eid);
  }

  #reindex(eid: Eid, attributes: Attributes | null): boolean {
    const stored = this.#attributesOf.get(eid);
    if (!stored) return false;
    if (stored.attributes) this.#index(this.#deleteAttribute, stored, unpackAttributes(stored.attributes));
    if (attributes) this.#index(this.#insertAttribute, stored, attributes);
    return true;
  }

  #index(statement: Statement<SqlValue[]>, { eid, namespace, startedAt }: Listed, attributes: Attributes): void {
    for (const [name, value] of attributes) statement.run(namespace, name, ...packValue(value), startedAt, eid);
  }

  #updateOf(shape: number): Statement<SqlValue[]> {
    const prepared = this.#updates.get(shape);
    if (prepared) return prepared;
    const changes = PATCH_COLUMNS.filter((_, i) => shape & (1 << i)).map(({ column }) => `${column} = ?`);
    const statement = this.#database.prepare<SqlValue[]>(
      `UPDATE run SET ${changes.join(', ') || 'eid = eid'} WHERE eid = ?`,
    );
    if (this.#updates.size >= PATCH_STATEMENTS) this.#updates.clear();
    this.#updates.set(shape, statement);
    return statement;
  }
}
