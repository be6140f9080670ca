import { SqliteCore } from './core.ts';
import { FileLock } from './file-lock.ts';
import { openDatabase } from './open-database.ts';
import { probeCommit } from './fsync-probe.ts';

/** A store file, open under its lock. */
export interface Session {
  readonly core: SqliteCore;
  /** Median time of a small durable commit. */
  readonly commitMs: () => number;
  readonly close: () => void;
}

export function openSession(path: string): Session {
  const lock = FileLock.take(path);
  try {
    const database = openDatabase(path);
    const core = new SqliteCore(database);
    return {
      core,
      commitMs: () => probeCommit(database),
      close: () => {
        // The lock goes last: until then nobody else may find the log half copied.
        try {
          core.close();
        } finally {
          lock.free();
        }
      },
    };
  } catch (cause) {
    lock.free();
    throw cause;
  }
}
