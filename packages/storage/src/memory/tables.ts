import type { DeathRow, IdempotencyRow, JournalRow, SnapshotRow } from '@dfnsjs/actor-core/ports';
import { type CommitId, type Eid, isOpen, type RunRow, type ShardId } from '@dfnsjs/actor-core/records';
import type { StoredShard } from '../ownership/shard-ownership.ts';
import { MemoryInbox } from './inbox.ts';

export type StoredTurn = JournalRow & { readonly commitId: CommitId };
export type StoredSnapshot = SnapshotRow & { readonly commitId: CommitId };

/** What the memory store keeps. Keyed by strings of the user only through Map. */
export class Tables {
  readonly runs = new Map<Eid, RunRow>();
  /** By `addressKey`. */
  readonly current = new Map<string, Eid>();
  /** Ascending by seq. */
  readonly journal = new Map<Eid, StoredTurn[]>();
  /** Ascending by `from`. */
  readonly snapshots = new Map<Eid, readonly StoredSnapshot[]>();
  readonly inbox = new MemoryInbox();
  /** By `addressKey` of namespace and key. */
  readonly idempotency = new Map<string, IdempotencyRow>();
  /** By number; empty before the first join. */
  shards: StoredShard[] = [];
  lastOrdinal = 0;
  /** Oldest first. */
  deaths: DeathRow[] = [];
  /** Open runs with a wakeAt or a hold, by shard: scans skip what is closed or waits on messages only. */
  readonly #watched = new Map<ShardId, Set<Eid>>();

  putRun(row: RunRow): void {
    this.runs.set(row.eid, row);
    let watched = this.#watched.get(row.shard);
    if (!watched) this.#watched.set(row.shard, (watched = new Set()));
    if (isOpen(row.status) && (row.wakeAt !== null || row.held !== null)) watched.add(row.eid);
    else watched.delete(row.eid);
  }

  /** All of a run but its inbox, which is the execution's. */
  removeRun({ eid, shard }: RunRow): void {
    this.runs.delete(eid);
    this.journal.delete(eid);
    this.snapshots.delete(eid);
    this.#watched.get(shard)?.delete(eid);
  }

  watched(shard: ShardId): RunRow[] {
    return [...(this.#watched.get(shard) ?? [])].map(eid => this.runs.get(eid)!);
  }

  /** Of journal and snapshots; 0 without either. */
  lastSeq(eid: Eid): number {
    return Math.max(this.journal.get(eid)?.at(-1)?.seq ?? 0, this.snapshots.get(eid)?.at(-1)?.to ?? 0);
  }
}

export function isHeld(row: RunRow): boolean {
  return row.held !== null && isOpen(row.status);
}
