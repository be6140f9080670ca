import type { Joined, JoinRequest, NodeReport, Renewed } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import type { Members } from '../ownership/members.ts';
import { getMeta, setMeta } from './migrate.ts';
import type { Shards } from './ownership.ts';
import type { SqlValue } from '../rows/run-row.ts';

/**
 * Who has joined. Leases and reports are in memory only: whoever opens the file holds its lock, so every incarnation
 * that an earlier process left behind is dead at once, and a lease never has to outlive the process that keeps it.
 */
export class Membership {
  readonly #database: Database;
  readonly #members: Members;
  readonly #shards: Shards;
  readonly #put: Statement<SqlValue[]>;
  readonly #remove: Statement<[Incarnation]>;

  constructor(database: Database, members: Members, shards: Shards) {
    this.#database = database;
    this.#members = members;
    this.#shards = shards;
    this.#put = database.prepare('INSERT OR REPLACE INTO node VALUES (?, ?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM node WHERE incarnation = ?');
    database.exec('DELETE FROM node');
  }

  join(request: JoinRequest, now: number): Joined {
    const { incarnation, address, build } = request;
    const join = this.#database.transaction(() => {
      const settleShards = this.#shards.prepare(request.shards);
      const ordinal = (getMeta(this.#database, 'ordinal') ?? 0) + 1;
      setMeta(this.#database, 'ordinal', ordinal);
      this.#put.run(incarnation, ordinal, address, build);
      this.#members.join(request, ordinal, now);
      return { ordinal, settleShards };
    });
    const { ordinal, settleShards } = join();
    settleShards();
    return { ordinal, now };
  }

  renew(incarnation: Incarnation, report: NodeReport | undefined, now: number): Renewed {
    const alive = this.#members.renew(incarnation, report, now);
    return { alive, now, version: this.#members.version, owned: this.#shards.ownedBy(incarnation) };
  }

  leave(incarnation: Incarnation): void {
    this.#remove.run(incarnation);
    this.#members.end(incarnation);
  }
}
