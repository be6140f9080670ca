import type { ActorCommit, InboxKey, InboxRow, SnapshotRow } from '@dfnsjs/actor-core/ports';
import type { CommitId, Eid } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import type { SqlValue } from '../rows/run-row.ts';
import { Misfit } from './misfit.ts';
import { RunTable } from './run-table.ts';
import type { TurnLog } from './turn-log.ts';

/** Writes one actor's part. Each statement that can find the store otherwise than expected throws Misfit. */
export class ActorWrites {
  readonly #runs: RunTable;
  readonly #claim: Statement<[string, string, Eid]>;
  readonly #moveCurrent: Statement<[Eid, string, string, Eid]>;
  readonly #log: TurnLog;
  readonly #snapshot: Statement<SqlValue[]>;
  readonly #fold: Statement<[Eid, number, number]>;
  readonly #take: Statement<[number, number, number, number, number]>;
  readonly #send: Statement<SqlValue[]>;
  readonly #accept: Statement<SqlValue[]>;
  readonly #idempotency: Statement<SqlValue[]>;

  constructor(database: Database, log: TurnLog) {
    this.#log = log;
    this.#runs = new RunTable(database);
    this.#claim = database.prepare('INSERT INTO current VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    this.#moveCurrent = database.prepare('UPDATE current SET eid = ? WHERE namespace = ? AND id = ? AND eid = ?');
    this.#snapshot = database.prepare('INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?, ?)');
    this.#fold = database.prepare('DELETE FROM journal WHERE eid = ? AND seq BETWEEN ? AND ?');
    this.#take = database.prepare(
      'DELETE FROM inbox WHERE shard = ? AND receiver = ? AND accepted = ? AND sender = ? AND number = ?',
    );
    this.#send = database.prepare('INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?)');
    this.#accept = database.prepare('INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    this.#idempotency = database.prepare('INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)');
  }

  /** Comes before `write`. false: (namespace, id) does not point where the actor expects, and nothing is written. */
  claim({ current, insert }: ActorCommit): boolean {
    if (!current || !insert) return true;
    const { namespace, id, eid } = insert;
    const { changes } =
      current.expect === null
        ? this.#claim.run(namespace, id, eid)
        : this.#moveCurrent.run(eid, namespace, id, current.expect);
    return changes === 1;
  }

  write(actor: ActorCommit, commitId: CommitId): void {
    const { eid, journal, insert, prefix, update, snapshot, takes, sends, accepts, idempotency } = actor;
    if (insert) this.#runs.insert(insert);
    if (insert && prefix) {
      for (const { from, to, turns } of prefix) this.#snapshot.run(insert.eid, from, to, commitId, turns);
    }
    if (update && !this.#runs.update(eid, update)) throw new Misfit();
    if (journal) this.#log.add(eid, journal, commitId);
    if (snapshot) this.#putSnapshot(eid, snapshot, commitId);
    if (takes) for (const key of takes) if (!this.#takes(key) && journal) throw new Misfit();
    if (sends) for (const row of sends) this.#send.run(...packInbox(row));
    if (accepts) for (const row of accepts) this.#accept.run(...packInbox(row));
    if (idempotency) {
      const { namespace, key, hash, expiresAt } = idempotency;
      this.#idempotency.run(namespace, key, hash, idempotency.eid, expiresAt);
    }
  }

  #putSnapshot(eid: Eid, snapshot: SnapshotRow, commitId: CommitId): void {
    this.#snapshot.run(eid, snapshot.from, snapshot.to, commitId, snapshot.turns);
    this.#fold.run(eid, snapshot.from, snapshot.to);
    this.#log.fold(eid, snapshot.from, snapshot.to);
  }

  #takes(key: InboxKey): boolean {
    return this.#take.run(key.shard, key.receiver, key.accepted, key.sender, key.number).changes === 1;
  }
}

function packInbox(row: InboxRow): SqlValue[] {
  return [row.shard, row.receiver, row.accepted, row.sender, row.number, row.message];
}
