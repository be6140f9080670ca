import { setImmediate as hop } from 'node:timers/promises';
import type {
  AtRest,
  CommitBatch,
  DuePlace,
  Duty,
  InboxKey,
  JoinRequest,
  NodeReport,
  OpenCount,
  Released,
  RetentionRule,
  ScanFrom,
  Store,
} from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, ExecutionFilter, Incarnation, ListPage, ShardId } from '@dfnsjs/actor-core/records';
import { LIMITS } from '../batch/admit.ts';
import type { Session } from './session.ts';

/** The store on the main thread: for disks on which a commit is so short that a thread would cost more. */
export class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly exclusive = true;
  readonly isElsewhere = false;
  readonly limits = LIMITS;
  readonly #session: Session;
  readonly #clock: () => number;

  constructor(session: Session, clock: () => number) {
    this.#session = session;
    this.#clock = clock;
  }

  async commit(batch: CommitBatch) {
    return this.#session.core.commit(this.#clock(), batch);
  }

  async load(eids: readonly Eid[]) {
    return this.#session.core.load(eids);
  }

  async current(namespace: string, id: string) {
    return this.#session.core.current(namespace, id);
  }

  async chain(first: Eid) {
    return this.#session.core.chain(first);
  }

  async due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number) {
    return this.#session.core.due(from, until, limit);
  }

  async inbox(from: readonly ScanFrom<InboxKey>[], limit: number) {
    return this.#session.core.inbox(from, limit);
  }

  async held(from: readonly ScanFrom<Eid>[], limit: number) {
    return this.#session.core.held(from, limit);
  }

  /** Shard by shard, so that the event loop goes on in between. */
  async countOpen(shards: readonly ShardId[], atRest: AtRest) {
    const open: OpenCount[] = [];
    await atRest(async () => {
      for (const shard of shards) {
        open.push(...this.#session.core.countOpen(shard));
        await hop();
      }
    });
    return open;
  }

  async join(request: JoinRequest) {
    return this.#session.core.join(this.#clock(), request);
  }

  async renew(incarnation: Incarnation, report?: NodeReport) {
    return this.#session.core.renew(this.#clock(), incarnation, report);
  }

  async leave(incarnation: Incarnation) {
    this.#session.core.leave(incarnation);
  }

  async members() {
    return this.#session.core.members(this.#clock());
  }

  async bury(incarnation: Incarnation) {
    return this.#session.core.bury(this.#clock(), incarnation);
  }

  async setDuty(incarnation: Incarnation, duty: Duty) {
    return this.#session.core.setDuty(this.#clock(), incarnation, duty);
  }

  async shards() {
    return this.#session.core.shards();
  }

  async acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    return this.#session.core.acquire(this.#clock(), shard, expect, incarnation, build);
  }

  async release(incarnation: Incarnation, shards: readonly Released[]) {
    this.#session.core.release(incarnation, shards);
  }

  async resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation) {
    return this.#session.core.resync(shard, epoch, incarnation);
  }

  async remove(namespace: string, id: string, first: Eid) {
    return this.#session.core.remove(namespace, id, first);
  }

  async retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number) {
    return this.#session.core.retire(incarnation, rules, limit);
  }

  async expireKeys(limit: number) {
    return this.#session.core.expireKeys(this.#clock(), limit);
  }

  async list(page: ListPage) {
    return this.#session.core.list(page);
  }

  async count(filter: ExecutionFilter, cap: number) {
    return this.#session.core.count(filter, cap);
  }

  async close() {
    this.#session.close();
  }
}
