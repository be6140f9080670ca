import { DfnsError } from '@dfnsjs/actor-core';
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import Database from 'better-sqlite3';

/** Runs a statement outside of a batch; whatever SQLite throws becomes a StoreRefusedError. */
export function refusing<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw refused(what, cause);
  }
}

export function refused(what: string, cause: unknown): Error {
  if (cause instanceof DfnsError || cause instanceof StoreRefusedError) return cause;
  return new StoreRefusedError(`${what}: ${describe(cause)}`, { cause, isOutage: isOutage(cause) });
}

/** A full disk and the like: whatever is written is refused. */
function isOutage(cause: unknown): boolean {
  const code = cause instanceof Database.SqliteError ? cause.code : '';
  return /^SQLITE_(FULL|READONLY|BUSY|LOCKED|IOERR|CANTOPEN|NOMEM|PROTOCOL|CORRUPT|NOTADB)/.test(code);
}

/**
 * What a COMMIT that threw means. A full disk and a file that cannot be written stop it before the frame that makes the
 * transaction count, so it is rolled back for sure. After an I/O error that frame may stand in the log: until the same
 * batch is written over it, a crash could bring it to life.
 */
export function commitFailure(cause: unknown): Error {
  const code = cause instanceof Database.SqliteError ? cause.code : '';
  if (/^SQLITE_(FULL|READONLY|BUSY|LOCKED|CONSTRAINT|TOOBIG)/.test(code))
    return refused('The batch was rolled back', cause);
  return new OutcomeUnknownError(`The batch may have been committed: ${describe(cause)}`, { cause });
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause instanceof Database.SqliteError ? `${cause.message} (${cause.code})` : cause.message;
}
