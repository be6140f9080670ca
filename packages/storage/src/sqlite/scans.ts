import type { DuePlace, DueRow, InboxKey, InboxRow, OpenCount, ScanFrom } from '@dfnsjs/actor-core/ports';
import type { Eid, RunRow, ShardId } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { RUN_COLUMNS, type SqlValue, unpackRun } from '../rows/run-row.ts';

/** What the owner of shards reads, page by page: due, waiting and held; and how much is open. A shard is a search of its own in an index. */
export class Scans {
  readonly #due: Statement<number[], DueRow>;
  readonly #inbox: Statement<number[], InboxRow>;
  readonly #held: Statement<number[], Record<string, SqlValue>>;
  readonly #open: Statement<number[], OpenCount>;

  constructor(database: Database) {
    this.#due = database.prepare(
      `SELECT shard, eid, wake_at AS wakeAt FROM run INDEXED BY run_due
       WHERE shard = ? AND wake_at IS NOT NULL AND status = 0 AND held IS NULL
         AND wake_at <= ? AND (wake_at, eid) > (?, ?)
       ORDER BY wake_at, eid LIMIT ?`,
    );
    // Range by range between receivers that are held: of these no row is read, since one may have a great many. The ranges
    // come in the order of their receivers, and CROSS JOIN keeps them outside, so that the page ends where it is full.
    this.#inbox = database.prepare(
      `SELECT i.shard, i.receiver, i.accepted, i.sender, i.number, i.message FROM (
         SELECT *, lead(receiver, 1, 9e999) OVER (ORDER BY receiver, accepted) AS until FROM (
           SELECT ? AS receiver, ? AS accepted, ? AS sender, ? AS number
           UNION ALL
           SELECT first, 9e999, 0, 0 FROM run INDEXED BY run_held
           WHERE shard = ? AND held IS NOT NULL AND status = 0 AND first >= ?)
       ) AS p CROSS JOIN inbox AS i
       WHERE i.shard = ? AND (i.receiver, i.accepted, i.sender, i.number) > (p.receiver, p.accepted, p.sender, p.number)
         AND i.receiver < p.until
       LIMIT ?`,
    );
    this.#held = database.prepare(
      `SELECT ${RUN_COLUMNS.join(', ')} FROM run INDEXED BY run_held
       WHERE shard = ? AND held IS NOT NULL AND status = 0 AND eid > ? ORDER BY eid LIMIT ?`,
    );
    this.#open = database.prepare(
      `SELECT shard, namespace, count(*) AS runs FROM run INDEXED BY run_open
       WHERE shard = ? AND status = 0 GROUP BY namespace`,
    );
  }

  due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number): readonly DueRow[] {
    return from
      .flatMap(({ shard, after }) => this.#due.all(shard, until, after?.wakeAt ?? -Infinity, after?.eid ?? 0, limit))
      .sort((a, b) => a.wakeAt - b.wakeAt || a.eid - b.eid);
  }

  inbox(from: readonly ScanFrom<InboxKey>[], limit: number): readonly InboxRow[] {
    const inOrder = [...from].sort((a, b) => a.shard - b.shard);
    return inOrder.flatMap(({ shard, after }) => {
      const { receiver, accepted, sender, number } = after ?? { receiver: -1, accepted: 0, sender: 0, number: 0 };
      return this.#inbox.all(receiver, accepted, sender, number, shard, receiver, shard, limit);
    });
  }

  held(from: readonly ScanFrom<Eid>[], limit: number): readonly RunRow[] {
    return from
      .flatMap(({ shard, after }) => this.#held.all(shard, after ?? -1, limit).map(unpackRun))
      .sort((a, b) => a.eid - b.eid);
  }

  open(shard: ShardId): readonly OpenCount[] {
    return this.#open.all(shard);
  }
}
