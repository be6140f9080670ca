import { DfnsError } from '@dfnsjs/actor-core';
import Database from 'better-sqlite3';

/**
 * Keeps a second process from opening the same store: PATH-lock is a SQLite file held under BEGIN EXCLUSIVE for as
 * long as the store is open. The system frees it with the process, however that ends. Nothing else may open the file:
 * closing any handle on it drops the lock.
 */
export class FileLock {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  static take(storePath: string): FileLock {
    const path = `${storePath}-lock`;
    let database: Database.Database | undefined;
    try {
      database = new Database(path, { timeout: 0 });
      // An exclusive transaction that never writes needs no journal on disk.
      database.pragma('journal_mode = MEMORY');
      database.exec('BEGIN EXCLUSIVE');
      return new FileLock(database);
    } catch (cause) {
      database?.close();
      throw lockError(storePath, path, cause);
    }
  }

  free(): void {
    this.#database.close();
  }
}

function lockError(storePath: string, path: string, cause: unknown): DfnsError {
  const busy = cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY');
  const message = busy
    ? `"${storePath}" is in use: another dfns process holds "${path}". Stop it, or give this one a store of its own.`
    : `The lock file "${path}" cannot be taken: ${cause instanceof Error ? cause.message : String(cause)}. Its directory must be writable.`;
  return new DfnsError('UNAVAILABLE', message, { cause, details: { path: storePath, lock: path } });
}
