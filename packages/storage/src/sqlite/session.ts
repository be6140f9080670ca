import { SqliteCore } from './core.ts';
import { FileLock } from './file-lock.ts';
import { probeCommit } from './fsync-probe.ts';
import { openDatabase, openError } from './open-database.ts';

/** A store file, open under its lock. */
export interface Session {
  readonly core: SqliteCore;
  /** Median time of a small durable commit, in milliseconds. */
  readonly commitMs: () => number;
  readonly close: () => void;
}

export function openSession(path: string): Session {
  const lock = FileLock.take(path);
  let close = () => lock.free();
  try {
    const database = openDatabase(path);
    let core: SqliteCore | undefined;
    close = () => {
      core?.settle();
      // Closing copies the log into the file, or leaves it to the next opening where that fails. The lock goes last:
      // until then nobody else may find the log half copied.
      try {
        database.close();
      } finally {
        lock.free();
      }
    };
    core = new SqliteCore(database);
    return { core, commitMs: () => probeCommit(database), close };
  } catch (cause) {
    close();
    throw openError(path, cause);
  }
}
