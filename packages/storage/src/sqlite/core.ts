import type {
  CommitBatch,
  CommitVerdict,
  DuePlace,
  Duty,
  InboxKey,
  JoinRequest,
  NodeReport,
  Released,
  RetentionRule,
  ScanFrom,
} from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, ExecutionFilter, Incarnation, ListPage, ShardId } from '@dfnsjs/actor-core/records';
import type { Database } from 'better-sqlite3';
import { admit, LIMITS } from '../batch/admit.ts';
import { Members } from '../ownership/members.ts';
import { Committer } from './commit.ts';
import { refusing } from './failure.ts';
import { KeyExpiry } from './key-expiry.ts';
import { Listing } from './listing.ts';
import { Loader } from './load.ts';
import { Membership } from './membership.ts';
import { getMeta } from './migrate.ts';
import { Shards } from './ownership.ts';
import { Remover } from './removal.ts';
import { Scans } from './scans.ts';
import { TurnLog } from './turn-log.ts';

/** The version of the members rises over openings by what is stored of them: how many have joined. */
const CHANGES_A_JOIN = 2 ** 20;

/**
 * The calls of Store, synchronous, on a connection that this thread owns; `now` comes in where a call needs the time.
 * SqliteStore runs it on the main thread, ThreadStore in a worker.
 */
export class SqliteCore {
  readonly #members: Members;
  readonly #shards: Shards;
  readonly #membership: Membership;
  readonly #database: Database;
  readonly #log: TurnLog;
  readonly #committer: Committer;
  readonly #loader: Loader;
  readonly #scans: Scans;
  readonly #listing: Listing;
  readonly #remover: Remover;
  readonly #keys: KeyExpiry;

  constructor(database: Database, log = new TurnLog(database)) {
    this.#members = new Members((getMeta(database, 'ordinal') ?? 0) * CHANGES_A_JOIN);
    this.#shards = new Shards(database, this.#members);
    this.#membership = new Membership(database, this.#members, this.#shards);
    this.#database = database;
    this.#log = log;
    this.#committer = new Committer(database, this.#shards, this.#log);
    this.#loader = new Loader(database, this.#log);
    this.#scans = new Scans(database);
    this.#listing = new Listing(database);
    this.#keys = new KeyExpiry(database);
    this.#remover = new Remover(database, eid => this.#committer.forget(eid));
  }

  commit(now: number, batch: CommitBatch): readonly CommitVerdict[] {
    admit(batch, LIMITS);
    return this.#committer.commit(batch, now);
  }

  /** Leaves whole journals in the file, as far as it can be written. No call comes after it. */
  settle(): void {
    try {
      this.#log.moveAll(work => this.#database.transaction(work).immediate());
    } catch {
      // What was not moved stands in the log, and whoever opens the file reads it there.
    }
  }

  load(eids: readonly Eid[]) {
    return refusing('Runs cannot be read', () => eids.map(eid => this.#loader.load(eid)));
  }

  current(namespace: string, id: string) {
    return refusing('A run cannot be read', () => this.#loader.current(namespace, id));
  }

  chain(first: Eid) {
    return refusing('A chain of runs cannot be read', () => this.#loader.chain(first));
  }

  due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number) {
    return refusing('Due runs cannot be read', () => this.#scans.due(from, until, limit));
  }

  inbox(from: readonly ScanFrom<InboxKey>[], limit: number) {
    return refusing('The inbox cannot be read', () => this.#scans.inbox(from, limit));
  }

  held(from: readonly ScanFrom<Eid>[], limit: number) {
    return refusing('Held runs cannot be read', () => this.#scans.held(from, limit));
  }

  countOpen(shard: ShardId) {
    return refusing('Open runs cannot be counted', () => this.#scans.open(shard));
  }

  join(now: number, request: JoinRequest) {
    return refusing('The node cannot join', () => this.#membership.join(request, now));
  }

  renew(now: number, incarnation: Incarnation, report?: NodeReport) {
    return this.#membership.renew(incarnation, report, now);
  }

  leave(incarnation: Incarnation) {
    refusing('The node cannot leave', () => this.#membership.leave(incarnation));
  }

  members(now: number) {
    return { version: this.#members.version, now, members: this.#members.all(now) };
  }

  bury(now: number, incarnation: Incarnation) {
    return this.#members.bury(incarnation, now);
  }

  setDuty(now: number, incarnation: Incarnation, duty: Duty) {
    return this.#members.setDuty(incarnation, duty, now);
  }

  shards() {
    return this.#shards.all();
  }

  acquire(now: number, shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    return refusing('The shard cannot be acquired', () => this.#shards.acquire(shard, expect, incarnation, build, now));
  }

  release(incarnation: Incarnation, shards: readonly Released[]) {
    refusing('The shards cannot be released', () => {
      for (const released of shards) this.#shards.release(released, incarnation);
    });
  }

  resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation) {
    return refusing('The shard cannot be resynced', () => this.#shards.resync(shard, epoch, incarnation));
  }

  remove(namespace: string, id: string, first: Eid) {
    return refusing('An execution cannot be deleted', () => this.#remover.remove(namespace, id, first));
  }

  retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number) {
    const own = this.#shards.all().flatMap(({ shard, owner }) => (owner === incarnation ? [shard] : []));
    return refusing('Old executions cannot be deleted', () => this.#remover.retire(rules, own, limit));
  }

  expireKeys(now: number, limit: number) {
    return refusing('Idempotency keys cannot be deleted', () => this.#keys.expire(now, limit));
  }

  list(page: ListPage) {
    return refusing('Executions cannot be listed', () => this.#listing.list(page));
  }

  count(filter: ExecutionFilter, cap: number) {
    return refusing('Executions cannot be counted', () => this.#listing.count(filter, cap));
  }
}
