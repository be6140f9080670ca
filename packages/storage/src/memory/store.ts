import type {
  CommitBatch,
  CommitVerdict,
  InboxKey,
  InboxRow,
  Joined,
  JoinRequest,
  LoadedRun,
  Removal,
  Store,
} from '@dfnsjs/actor-core/ports';
import {
  addressKey,
  type Eid,
  type Epoch,
  type ExecutionFilter,
  type Incarnation,
  isOpen,
  type ListPage,
  type RunRow,
  type ShardId,
} from '@dfnsjs/actor-core/records';
import { admit, LIMITS } from '../batch/admit.ts';
import { Leases } from '../ownership/leases.ts';
import { acquireShard, releaseShard, resyncShard, type StoredShard } from '../ownership/shard-ownership.ts';
import { shardsFor } from '../ownership/shard-count.ts';
import { commitActor } from './commit.ts';
import { countRuns, listRuns } from './listing.ts';
import { isHeld, Tables } from './tables.ts';

export interface MemoryStoreOptions {
  /** Milliseconds since the epoch: the clock of leases and of idempotency. */
  readonly clock: () => number;
}

/**
 * A store that lives as long as its object: the twin that tests and simulation run on, with the semantics of the
 * drivers that write to disk. Calls take effect when they are made. A node that "dies" leaves the object behind, and
 * the next one joins it.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly limits = LIMITS;
  readonly #clock: () => number;
  readonly #tables = new Tables();
  readonly #leases = new Leases();

  constructor(options: MemoryStoreOptions) {
    this.#clock = options.clock;
  }

  async commit(batch: CommitBatch): Promise<readonly CommitVerdict[]> {
    admit(batch, this.limits);
    const now = this.#clock();
    return batch.actors.map(actor => commitActor(this.#tables, actor, batch, now));
  }

  async load(eids: readonly Eid[]): Promise<readonly (LoadedRun | undefined)[]> {
    return eids.map(eid => {
      const run = this.#tables.runs.get(eid);
      if (!run) return undefined;
      return {
        run,
        journal: (this.#tables.journal.get(eid) ?? []).map(({ seq, turn }) => ({ seq, turn })),
        snapshots: (this.#tables.snapshots.get(eid) ?? []).map(({ from, to, turns }) => ({ from, to, turns })),
        inbox: this.#tables.inbox.of(run.shard, run.first),
      };
    });
  }

  async current(namespace: string, id: string): Promise<RunRow | undefined> {
    const eid = this.#tables.current.get(addressKey(namespace, id));
    return eid === undefined ? undefined : this.#tables.runs.get(eid);
  }

  async chain(first: Eid): Promise<readonly RunRow[]> {
    return [...this.#tables.runs.values()]
      .filter(row => row.first === first)
      .sort((a, b) => Number(a.eid !== first) - Number(b.eid !== first) || a.startedAt - b.startedAt || a.eid - b.eid);
  }

  async due(shard: ShardId, until: number, limit: number, after?: { readonly wakeAt: number; readonly eid: Eid }) {
    return this.#tables
      .watched(shard)
      .flatMap(row => (row.wakeAt !== null && row.held === null ? [{ eid: row.eid, wakeAt: row.wakeAt }] : []))
      .filter(due => due.wakeAt <= until)
      .filter(due => !after || due.wakeAt > after.wakeAt || (due.wakeAt === after.wakeAt && due.eid > after.eid))
      .sort((a, b) => a.wakeAt - b.wakeAt || a.eid - b.eid)
      .slice(0, limit);
  }

  async inbox(shard: ShardId, limit: number, after?: InboxKey): Promise<readonly InboxRow[]> {
    const held = new Set(
      this.#tables
        .watched(shard)
        .filter(isHeld)
        .map(row => row.first),
    );
    return this.#tables.inbox.page(shard, limit, after, receiver => held.has(receiver));
  }

  async held(shard: ShardId, limit: number, after?: Eid): Promise<readonly RunRow[]> {
    return this.#tables
      .watched(shard)
      .filter(row => isHeld(row) && (after === undefined || row.eid > after))
      .sort((a, b) => a.eid - b.eid)
      .slice(0, limit);
  }

  async join(request: JoinRequest): Promise<Joined> {
    const now = this.#clock();
    const shards = shardsFor(this.#tables.shards, request.shards);
    this.#leases.join(request.incarnation, request.leaseMs, now);
    this.#tables.shards = shards;
    return { ordinal: ++this.#tables.lastOrdinal, now };
  }

  async renew(incarnation: Incarnation): Promise<{ readonly alive: boolean; readonly now: number }> {
    const now = this.#clock();
    return { alive: this.#leases.renew(incarnation, now), now };
  }

  async leave(incarnation: Incarnation): Promise<void> {
    this.#leases.end(incarnation);
  }

  async shards() {
    return this.#tables.shards.map(({ shard, epoch, owner, build }) => ({ shard, epoch, owner, build }));
  }

  async acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    const now = this.#clock();
    const row = this.#move(shard, row =>
      acquireShard(row, expect, incarnation, build, i => this.#leases.isLive(i, now)),
    );
    return row && { ...row, highestAccepted: this.#tables.inbox.highestAccepted(shard) };
  }

  async release(incarnation: Incarnation, shards: readonly { readonly shard: ShardId; readonly epoch: Epoch }[]) {
    for (const { shard, epoch } of shards) this.#move(shard, row => releaseShard(row, epoch, incarnation));
  }

  async resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation): Promise<Epoch | undefined> {
    return this.#move(shard, row => resyncShard(row, epoch, incarnation))?.epoch;
  }

  async remove(namespace: string, id: string, first: Eid): Promise<Removal> {
    const tables = this.#tables;
    const run = await this.current(namespace, id);
    if (run?.first !== first) return 'absent';
    if (isOpen(run.status)) return 'open';
    for (const each of await this.chain(first)) tables.removeRun(each);
    tables.inbox.removeAll(first);
    tables.current.delete(addressKey(namespace, id));
    return 'removed';
  }

  async expireKeys(limit: number): Promise<number> {
    const now = this.#clock();
    const { idempotency } = this.#tables;
    let expired = 0;
    for (const [key, { expiresAt }] of idempotency) {
      if (expired === limit) break;
      if (expiresAt > now) continue;
      idempotency.delete(key);
      expired++;
    }
    return expired;
  }

  async list(page: ListPage) {
    return listRuns(this.#tables.runs.values(), page);
  }

  async count(filter: ExecutionFilter, cap: number) {
    return countRuns(this.#tables.runs.values(), filter, cap);
  }

  /** Nothing to free: the next node joins the same object. */
  async close(): Promise<void> {}

  #move(shard: ShardId, step: (row: StoredShard) => StoredShard | undefined): StoredShard | undefined {
    const row = this.#tables.shards[shard];
    const next = row && step(row);
    if (next) this.#tables.shards[shard] = next;
    return next;
  }
}
