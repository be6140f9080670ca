import type { Database, Statement } from 'better-sqlite3';

/** Deletes idempotency keys whose time is over. */
export class KeyExpiry {
  readonly #delete: Statement<[number, number]>;

  constructor(database: Database) {
    this.#delete = database.prepare(
      `DELETE FROM idempotency WHERE (namespace, key) IN
         (SELECT namespace, key FROM idempotency INDEXED BY idempotency_expiry WHERE expires_at <= ? LIMIT ?)`,
    );
  }

  expire(now: number, limit: number): number {
    return this.#delete.run(now, limit).changes;
  }
}
