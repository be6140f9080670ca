import { DfnsError } from '@dfnsjs/actor-core';
import Database from 'better-sqlite3';
import { layLog } from './lay-log.ts';
import { migrate } from './migrate.ts';

/** Pages of 4 KiB in the write-ahead log before they are copied to the file, 16 MiB: hot pages are then copied once. */
const CHECKPOINT_PAGES = 4_000;
/** The log's header, then each page behind a header of its frame. */
const LOG_BYTES = 32 + CHECKPOINT_PAGES * (24 + 4096);
const CACHE_KIB = 32 * 1024;

/** A connection that loses nothing at power cut, on a file of this build's schema. The caller holds the file's lock. */
export function openDatabase(path: string): Database.Database {
  const database = new Database(path, { timeout: 0 });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma(`journal_size_limit = ${2 * CHECKPOINT_PAGES * 4096}`);
    database.pragma(`cache_size = -${CACHE_KIB}`);
    database.pragma('temp_store = MEMORY');
    migrate(database, path);
    layLog(path, LOG_BYTES);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

export function openError(path: string, cause: unknown): DfnsError {
  if (cause instanceof DfnsError) return cause;
  const code = cause instanceof Database.SqliteError ? cause.code : '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const foreign = code === 'SQLITE_NOTADB';
  const advice = foreign
    ? 'It is no SQLite database; name another file.'
    : 'The file and its directory must be readable and writable.';
  return new DfnsError(
    foreign ? 'VALIDATION' : 'UNAVAILABLE',
    `The store "${path}" cannot be opened: ${reason}. ${advice}`,
    {
      cause,
      details: { path },
    },
  );
}
