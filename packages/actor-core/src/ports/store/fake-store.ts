import type { RunRow } from '../../execution/execution.ts';
import type { Eid, Epoch, ShardId } from '../../ids/ids.ts';
import { type ActorCommit, type CommitBatch, type CommitVerdict, DONE } from './commit.ts';
import type { InboxKey, InboxRow } from './inbox.ts';
import type { LoadedRun } from './load.ts';
import type { AtRest, OpenCount } from './open-count.ts';
import type { ScanFrom } from './scans.ts';
import type { Removal, Store } from './store.ts';

interface StoredRun {
  run: RunRow;
  journal: { readonly seq: number; readonly turn: Uint8Array; readonly commitId: string }[];
  snapshots: LoadedRun['snapshots'];
}

/** What the engine needs of a store, in maps, for the core's own tests; drivers have a conformance suite instead. */
export class FakeStore implements Pick<
  Store,
  'kind' | 'isElsewhere' | 'limits' | 'commit' | 'load' | 'current' | 'inbox' | 'resync' | 'remove' | 'countOpen'
> {
  readonly kind = 'fake';
  readonly isElsewhere = false;
  readonly limits = { items: 128, bytes: 4 * 1024 * 1024, itemBytes: 64 * 1024 * 1024 };
  readonly runs = new Map<Eid, StoredRun>();
  readonly newest = new Map<string, Eid>();
  readonly inboxRows = new Map<string, InboxRow>();
  readonly keys = new Map<string, { readonly hash: string; readonly eid: Eid }>();
  readonly batches: CommitBatch[] = [];
  epoch = 1 as Epoch;
  /** Stands before each commit: rejects, delays, or lets it land first. */
  beforeCommit: ((batch: CommitBatch, land: () => readonly CommitVerdict[]) => Promise<unknown>) | null = null;
  /** Stands before each read. */
  beforeRead: (() => Promise<void>) | null = null;

  async commit(batch: CommitBatch): Promise<readonly CommitVerdict[]> {
    const land = () => batch.actors.map(actor => this.#commit(actor, batch.commitId));
    await this.beforeCommit?.(batch, land);
    this.batches.push(batch);
    return land();
  }

  async load(eids: readonly Eid[]): Promise<readonly (LoadedRun | undefined)[]> {
    await this.beforeRead?.();
    return eids.map(eid => {
      const stored = this.runs.get(eid);
      if (!stored) return undefined;
      const { run, journal, snapshots } = stored;
      const inbox = [...this.inboxRows.values()].filter(row => row.receiver === run.first);
      inbox.sort(compareKeys);
      return { run, journal: journal.map(({ seq, turn }) => ({ seq, turn })), snapshots, inbox };
    });
  }

  async inbox([from]: readonly ScanFrom<InboxKey>[], limit: number): Promise<readonly InboxRow[]> {
    const after = from?.after;
    await this.beforeRead?.();
    const rows = [...this.inboxRows.values()].sort(compareKeys);
    return rows.filter(row => !after || compareKeys(row, after) > 0).slice(0, limit);
  }

  async current(namespace: string, id: string): Promise<RunRow | undefined> {
    await this.beforeRead?.();
    return this.row(namespace, id);
  }

  row(namespace: string, id: string): RunRow | undefined {
    const eid = this.newest.get(`${namespace}/${id}`);
    return eid === undefined ? undefined : this.runs.get(eid)?.run;
  }

  async countOpen(shards: readonly ShardId[], atRest: AtRest): Promise<readonly OpenCount[]> {
    const runs = new Map<string, number>();
    await atRest(async () => {
      for (const { run } of this.runs.values()) {
        if (run.status === 'running') runs.set(run.namespace, (runs.get(run.namespace) ?? 0) + 1);
      }
    });
    return Array.from(runs, ([namespace, count]) => ({ shard: shards[0]!, namespace, runs: count }));
  }

  async resync(_shard: unknown, epoch: Epoch): Promise<Epoch | undefined> {
    if (epoch !== this.epoch) return undefined;
    return (this.epoch = (epoch + 1) as Epoch);
  }

  async remove(namespace: string, id: string, first: Eid): Promise<Removal> {
    await this.beforeRead?.();
    const run = this.row(namespace, id);
    if (run?.first !== first) return 'absent';
    if (run.status === 'running') return 'open';
    for (const [eid, stored] of this.runs) if (stored.run.first === first) this.runs.delete(eid);
    for (const [key, row] of this.inboxRows) if (row.receiver === first) this.inboxRows.delete(key);
    this.newest.delete(`${namespace}/${id}`);
    return 'removed';
  }

  #commit(actor: ActorCommit, commitId: string): CommitVerdict {
    if (actor.epoch !== this.epoch) return { kind: 'fenced' };
    const stored = this.runs.get(actor.eid);
    const { journal, insert, current, idempotency } = actor;
    if (journal && stored?.journal.some(row => row.seq === journal.seq && row.commitId === commitId)) return DONE;
    const last = stored?.journal.at(-1)?.seq ?? stored?.snapshots.at(-1)?.to ?? 0;
    if (last !== actor.prevSeq || (actor.update && !stored)) return { kind: 'conflict' };
    if (journal && actor.takes?.some(key => !this.inboxRows.has(textOf(key)))) return { kind: 'already-taken' };
    const first = idempotency && this.keys.get(idempotency.key);
    if (first && this.runs.has(first.eid)) return { kind: 'duplicate', ...first };
    if (insert && current) {
      const newest = this.newest.get(`${insert.namespace}/${insert.id}`) ?? null;
      if (newest === insert.eid) return DONE;
      if (newest !== current.expect) {
        if (newest === null) return { kind: 'conflict' };
        return { kind: 'exists', eid: newest, status: this.runs.get(newest)!.run.status };
      }
    }
    this.#write(actor, commitId);
    return DONE;
  }

  #write(actor: ActorCommit, commitId: string): void {
    const { insert, prefix = [], update, journal, snapshot, idempotency } = actor;
    if (insert) {
      this.runs.set(insert.eid, { run: insert, journal: [], snapshots: prefix });
      this.newest.set(`${insert.namespace}/${insert.id}`, insert.eid);
    }
    const stored = this.runs.get(actor.eid);
    if (stored && update) stored.run = { ...stored.run, ...update };
    if (stored && journal) stored.journal.push({ ...journal, commitId });
    if (stored && snapshot) {
      stored.snapshots = [...stored.snapshots, snapshot];
      stored.journal = stored.journal.filter(row => row.seq < snapshot.from || row.seq > snapshot.to);
    }
    for (const key of actor.takes ?? []) this.inboxRows.delete(textOf(key));
    for (const row of [...(actor.sends ?? []), ...(actor.accepts ?? [])]) this.inboxRows.set(textOf(row), row);
    if (idempotency) this.keys.set(idempotency.key, { hash: idempotency.hash, eid: idempotency.eid });
  }
}

/** By which `inboxRows` are kept. */
export function textOf(key: InboxKey): string {
  return `${key.shard} ${key.receiver} ${key.accepted} ${key.sender} ${key.number}`;
}

function compareKeys(a: InboxKey, b: InboxKey): number {
  return a.receiver - b.receiver || a.accepted - b.accepted || a.sender - b.sender || a.number - b.number;
}
