import type { InboxKey, InboxRow } from '@dfnsjs/actor-core/ports';
import type { Eid, RunRow, ShardId } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { RUN_COLUMNS, type SqlValue, unpackRun } from '../rows/run-row.ts';

export interface DueRow {
  readonly eid: Eid;
  readonly wakeAt: number;
}

/** What a new owner of a shard reads, page by page: due, waiting and held. */
export class Scans {
  readonly #due: Statement<number[], DueRow>;
  readonly #inbox: Statement<number[], InboxRow>;
  readonly #held: Statement<number[], Record<string, SqlValue>>;

  constructor(database: Database) {
    this.#due = database.prepare(
      `SELECT eid, wake_at AS wakeAt FROM run INDEXED BY run_due
       WHERE shard = ? AND wake_at IS NOT NULL AND status = 0 AND held IS NULL
         AND wake_at <= ? AND (wake_at, eid) > (?, ?)
       ORDER BY wake_at, eid LIMIT ?`,
    );
    this.#inbox = database.prepare(
      `SELECT shard, receiver, accepted, sender, number, message FROM inbox
       WHERE shard = ? AND (receiver, accepted, sender, number) > (?, ?, ?, ?)
         AND receiver NOT IN (SELECT first FROM run INDEXED BY run_held WHERE shard = ? AND held IS NOT NULL AND status = 0)
       ORDER BY receiver, accepted, sender, number LIMIT ?`,
    );
    this.#held = database.prepare(
      `SELECT ${RUN_COLUMNS.join(', ')} FROM run INDEXED BY run_held
       WHERE shard = ? AND held IS NOT NULL AND status = 0 AND eid > ? ORDER BY eid LIMIT ?`,
    );
  }

  due(shard: ShardId, until: number, limit: number, after?: DueRow): readonly DueRow[] {
    return this.#due.all(shard, until, after?.wakeAt ?? -Infinity, after?.eid ?? 0, limit);
  }

  inbox(shard: ShardId, limit: number, after?: InboxKey): readonly InboxRow[] {
    const { receiver, accepted, sender, number } = after ?? { receiver: -1, accepted: 0, sender: 0, number: 0 };
    return this.#inbox.all(shard, receiver, accepted, sender, number, shard, limit);
  }

  held(shard: ShardId, limit: number, after?: Eid): readonly RunRow[] {
    return this.#held.all(shard, after ?? -1, limit).map(unpackRun);
  }
}
