import {
  ownedText,
  rulesFor,
  type Acceptance,
  type AtRest,
  type CommitBatch,
  type CommitVerdict,
  type DeathNote,
  type DeathRow,
  type DuePlace,
  type DueRow,
  type Duty,
  type InboxKey,
  type InboxRow,
  type Joined,
  type JoinRequest,
  type LoadedRun,
  type Membership,
  type NodeReport,
  type OpenCount,
  type OpenWorkflow,
  type Released,
  type Removal,
  type Retired,
  type RetentionRule,
  type Renewed,
  type ScanFrom,
  type Store,
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
import { BOUNDS } from '@dfnsjs/actor-core/values';
import { admit, LIMITS } from '../batch/admit.ts';
import { Members } from '../ownership/members.ts';
import { acquireShard, releaseShard, resyncShard, shardRows, type StoredShard } from '../ownership/shard-ownership.ts';
import { shardsFor } from '../ownership/shard-count.ts';
import { commitActor } from './commit.ts';
import { countRuns, listRuns } from './listing.ts';
import { isHeld, Tables } from './tables.ts';

export interface MemoryStoreOptions {
  /** Milliseconds since the epoch: the clock of leases and of idempotency. */
  readonly clock: () => number;
  /** Nodes of one process share the object: none is alone in it. Default false. */
  readonly shared?: boolean;
}

/**
 * A store that lives as long as its object: the twin that tests and simulation run on, with the semantics of the
 * drivers that write to disk. Calls take effect when they are made. A node that "dies" leaves the object behind, and
 * the next one joins it.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly exclusive: boolean;
  readonly isElsewhere = false;
  readonly limits = LIMITS;
  readonly #clock: () => number;
  readonly #tables = new Tables();
  readonly #members = new Members();

  constructor(options: MemoryStoreOptions) {
    this.#clock = options.clock;
    this.exclusive = options.shared !== true;
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

  async due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number): Promise<readonly DueRow[]> {
    const due = (shard: ShardId, after: DuePlace | undefined) =>
      this.#tables
        .watched(shard)
        .flatMap(({ eid, wakeAt, held }) => (wakeAt !== null && held === null ? [{ shard, eid, wakeAt }] : []))
        .filter(({ wakeAt }) => wakeAt <= until)
        .filter(row => !after || compareDue(row, after) > 0)
        .sort(compareDue)
        .slice(0, limit);
    return from.flatMap(({ shard, after }) => due(shard, after)).sort(compareDue);
  }

  async inbox(from: readonly ScanFrom<InboxKey>[], limit: number): Promise<readonly InboxRow[]> {
    const inOrder = [...from].sort((a, b) => a.shard - b.shard);
    return inOrder.flatMap(({ shard, after }) => {
      const held = new Set(
        this.#tables
          .watched(shard)
          .filter(isHeld)
          .map(row => row.first),
      );
      return this.#tables.inbox.page(shard, limit, after, receiver => held.has(receiver));
    });
  }

  async accept(incarnation: Incarnation, row: InboxRow): Promise<Acceptance> {
    if (!this.#members.isLive(incarnation, this.#clock())) return 'ended';
    const [open] = [...this.#tables.runs.values()].filter(
      ({ first, status }) => first === row.receiver && isOpen(status),
    );
    if (!open) return 'closed';
    if (open.held) return 'held';
    const rows = this.#tables.inbox.of(row.shard, row.receiver);
    const there = rows.find(({ sender, number }) => sender === row.sender && number === row.number);
    if (there) return there.accepted;
    const accepted = Math.max(row.accepted, (rows.at(-1)?.accepted ?? -1) + 1);
    this.#tables.inbox.add({ ...row, accepted });
    return accepted;
  }

  async untaken(keys: readonly InboxKey[]): Promise<readonly InboxKey[]> {
    return keys.filter(key => this.#tables.inbox.has(key));
  }

  async openWorkflows(shards: readonly ShardId[]): Promise<readonly OpenWorkflow[]> {
    const open = new Map<string, OpenWorkflow>();
    for (const { shard, workflow: name, version, status } of this.#tables.runs.values()) {
      if (status === 'running' && shards.includes(shard))
        open.set(`${shard} ${version} ${name}`, { shard, name, version });
    }
    return [...open.values()];
  }

  async countOpen(shards: readonly ShardId[], atRest: AtRest): Promise<readonly OpenCount[]> {
    const open: OpenCount[] = [];
    await atRest(async () => {
      const runs = [...this.#tables.runs.values()].filter(({ status }) => isOpen(status));
      for (const shard of shards) {
        const own = Map.groupBy(
          runs.filter(run => run.shard === shard),
          ({ namespace }) => namespace,
        );
        for (const [namespace, { length }] of own) open.push({ shard, namespace, runs: length });
      }
    });
    return open;
  }

  async held(from: readonly ScanFrom<Eid>[], limit: number): Promise<readonly RunRow[]> {
    const held = ({ shard, after }: ScanFrom<Eid>) =>
      this.#tables
        .watched(shard)
        .filter(row => isHeld(row) && (after === undefined || row.eid > after))
        .sort(compareEids)
        .slice(0, limit);
    return from.flatMap(held).sort(compareEids);
  }

  async join(request: JoinRequest): Promise<Joined> {
    const now = this.#clock();
    const shards = shardsFor(this.#tables.shards, request.shards);
    const ordinal = this.#tables.lastOrdinal + 1;
    this.#members.join(request, ordinal, now);
    this.#tables.shards = shards;
    this.#tables.lastOrdinal = ordinal;
    return { ordinal, now };
  }

  async renew(incarnation: Incarnation, report?: NodeReport): Promise<Renewed> {
    const now = this.#clock();
    const alive = this.#members.renew(incarnation, report, now);
    const owned = ownedText(this.#tables.shards.filter(row => row.owner === incarnation));
    return { alive, now, version: this.#members.version, owned };
  }

  async leave(incarnation: Incarnation): Promise<void> {
    this.#members.end(incarnation);
  }

  async members(): Promise<Membership> {
    const now = this.#clock();
    return { version: this.#members.version, now, members: this.#members.all(now) };
  }

  async bury(incarnation: Incarnation): Promise<boolean> {
    return this.#members.bury(incarnation, this.#clock());
  }

  async setDuty(incarnation: Incarnation, duty: Duty): Promise<boolean> {
    return this.#members.setDuty(incarnation, duty, this.#clock());
  }

  async shards() {
    return shardRows(this.#tables.shards);
  }

  async acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    const now = this.#clock();
    // An owner that is found lapsed here is dead for good.
    const isLive = (other: Incarnation) => !this.#members.bury(other, now);
    const row = this.#move(shard, row => acquireShard(row, expect, incarnation, build, isLive));
    return row && { ...row, highestAccepted: this.#tables.inbox.highestAccepted(shard) };
  }

  async release(incarnation: Incarnation, shards: readonly Released[]) {
    for (const released of shards) this.#move(released.shard, row => releaseShard(row, released, incarnation));
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

  async retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number): Promise<readonly Retired[]> {
    const tables = this.#tables;
    const over: { readonly last: RunRow; readonly runs: readonly RunRow[]; readonly closedAt: number }[] = [];
    for (const runs of Map.groupBy(tables.runs.values(), run => run.first).values()) {
      if (runs.some(run => run.closedAt === null) || tables.shards[runs[0]!.shard]?.owner !== incarnation) continue;
      const last = runs.reduce((a, b) => ((a.closedAt! - b.closedAt! || a.eid - b.eid) > 0 ? a : b));
      const closedAt = last.closedAt!;
      const isOver = ({ status, closedBefore }: RetentionRule) => status === last.status && closedAt < closedBefore;
      if (rulesFor(last.workflow, rules).some(isOver)) over.push({ last, runs, closedAt });
    }
    over.sort((a, b) => a.closedAt - b.closedAt);
    return over.slice(0, limit).map(({ last, runs }) => {
      const { first, namespace, id, runId, workflow, version, startedAt, attributes, status, turns } = last;
      for (const run of runs) tables.removeRun(run);
      tables.inbox.removeAll(first);
      const key = addressKey(namespace, id);
      if (runs.some(run => run.eid === tables.current.get(key))) tables.current.delete(key);
      return { first, namespace, id, runId, workflow, version, startedAt, attributes, status, turns };
    });
  }

  async noteDeath(death: DeathNote): Promise<void> {
    const { deaths } = this.#tables;
    const at = this.#clock();
    if (deaths.some(({ incarnation }) => incarnation === death.incarnation)) return;
    this.#tables.deaths = [...this.#recentDeaths(), { ...death, at }];
  }

  async deaths(): Promise<readonly DeathRow[]> {
    return this.#recentDeaths();
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

  #recentDeaths(): DeathRow[] {
    const since = this.#clock() - BOUNDS.crashWindowMs;
    return this.#tables.deaths.filter(({ at }) => at >= since);
  }

  #move(shard: ShardId, step: (row: StoredShard) => StoredShard | undefined): StoredShard | undefined {
    const row = this.#tables.shards[shard];
    const next = row && step(row);
    if (next) this.#tables.shards[shard] = next;
    return next;
  }
}

function compareDue(a: DuePlace, b: DuePlace): number {
  return a.wakeAt - b.wakeAt || a.eid - b.eid;
}

function compareEids(a: RunRow, b: RunRow): number {
  return a.eid - b.eid;
}
