import { ownedText, type Acquired, type Released, type ShardRow } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import type { Members } from '../ownership/members.ts';
import {
  acquireShard,
  owns,
  releaseShard,
  resyncShard,
  shardRows,
  type StoredShard,
} from '../ownership/shard-ownership.ts';
import { shardsFor } from '../ownership/shard-count.ts';
import type { SqlValue } from '../rows/run-row.ts';

interface Columns {
  readonly shard: ShardId;
  readonly epoch: Epoch;
  readonly owner: Incarnation | null;
  readonly build: string | null;
  readonly clean: number;
  readonly hand_over: Uint8Array | null;
}

/**
 * The shard rows, in memory as on disk: the file's lock makes this process the only writer, so fences are checked
 * without a read. A step counts once its row is written.
 */
export class Shards {
  readonly #members: Members;
  readonly #put: Statement<SqlValue[]>;
  readonly #highestAccepted: Statement<[ShardId], number>;
  #rows: StoredShard[];

  constructor(database: Database, members: Members) {
    this.#members = members;
    this.#put = database.prepare('INSERT OR REPLACE INTO shard VALUES (?, ?, ?, ?, ?, ?)');
    this.#highestAccepted = database
      .prepare<[ShardId], number>('SELECT coalesce(max(accepted), 0) FROM inbox WHERE shard = ?')
      .pluck();
    const stored = database
      .prepare<[], Columns>('SELECT shard, epoch, owner, build, clean, hand_over FROM shard ORDER BY shard')
      .all();
    this.#rows = stored.map(({ hand_over, clean, ...row }) => ({ ...row, clean: clean === 1, handOver: hand_over }));
  }

  /** The rows for a node that joins with `count` shards, written where there were none. */
  prepare(count: number): () => void {
    const rows = shardsFor(this.#rows, count);
    if (this.#rows.length === 0) for (const row of rows) this.#write(row);
    return () => {
      this.#rows = rows;
    };
  }

  owns(shard: ShardId, epoch: Epoch, incarnation: Incarnation): boolean {
    return owns(this.#rows[shard], epoch, incarnation);
  }

  all(): readonly ShardRow[] {
    return shardRows(this.#rows);
  }

  ownedBy(incarnation: Incarnation): string {
    return ownedText(this.#rows.filter(row => row.owner === incarnation));
  }

  acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string, now: number): Acquired | undefined {
    // An owner that is found lapsed here is dead for good.
    const isLive = (other: Incarnation) => !this.#members.bury(other, now);
    const row = this.#move(shard, row => acquireShard(row, expect, incarnation, build, isLive));
    return row && { ...row, highestAccepted: this.#highestAccepted.get(shard) ?? 0 };
  }

  release(released: Released, incarnation: Incarnation): void {
    this.#move(released.shard, row => releaseShard(row, released, incarnation));
  }

  resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation): Epoch | undefined {
    return this.#move(shard, row => resyncShard(row, epoch, incarnation))?.epoch;
  }

  #move(shard: ShardId, step: (row: StoredShard) => StoredShard | undefined): StoredShard | undefined {
    const row = this.#rows[shard];
    const next = row && step(row);
    if (next && next !== row) {
      this.#write(next);
      this.#rows[shard] = next;
    }
    return next;
  }

  #write(row: StoredShard): void {
    this.#put.run(row.shard, row.epoch, row.owner, row.build, row.clean ? 1 : 0, row.handOver);
  }
}
