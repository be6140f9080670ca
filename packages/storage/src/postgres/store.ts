import {
  OutcomeUnknownError,
  type Acceptance,
  type AtRest,
  type CommitBatch,
  type DeathNote,
  type DuePlace,
  type DueRow,
  type Duty,
  type InboxKey,
  type InboxRow,
  type JoinRequest,
  type NodeReport,
  type OpenCount,
  type OpenWorkflow,
  type Released,
  type Removal,
  type RetentionRule,
  type RenewalOptions,
  type Renewals,
  type ScanFrom,
  type Store,
} from '@dfnsjs/actor-core/ports';
import {
  type Eid,
  type Epoch,
  type ExecutionFilter,
  type Incarnation,
  type ListPage,
  type RunRow,
  type ShardId,
  STATUSES,
} from '@dfnsjs/actor-core/records';
import { admit, LIMITS } from '../batch/admit.ts';
import { checkShardCount } from '../ownership/shard-count.ts';
import { type SqlValue, unpackRetired, unpackRun } from '../rows/run-row.ts';
import type { RowTypes } from './batch-sections.ts';
import { packArray } from './binary-array.ts';
import { Committer } from './commit.ts';
import type { Parameter, Row } from './connection.ts';
import { DEATHS, deathParameters, NOTE_DEATH, unpackDeath } from './deaths.ts';
import { readFailure, writeFailure } from './failure.ts';
import { assembleRuns, CHAIN, CURRENT, LOAD } from './load.ts';
import { countRuns, listRuns } from './listing.ts';
import type { Query } from './query.ts';
import {
  BURY,
  JOIN,
  joinedAs,
  joinParameters,
  LEAVE,
  MEMBERS,
  RENEW,
  reportParameters,
  SET_DUTY,
  unpackMembers,
  unpackRenewed,
} from './membership.ts';
import { ACCEPT, untakenQuery } from './messages.ts';
import { ACQUIRE, RELEASE, RESYNC, SHARDS, unpackAcquired, unpackShard } from './ownership.ts';
import type { Pools } from './pools.ts';
import { ThreadRenewals } from './renewals.ts';
import { COUNT_OPEN, dueQuery, heldQuery, inboxQuery, OPEN_WORKFLOWS } from './scans.ts';

const REMOVE = 'SELECT dfns.remove_1($1, $2, $3, $4) AS removal';
const RETIRE = 'SELECT * FROM dfns.retire_1($1, $2, $3, $4, $5, $6)';

/** Rows that another node deletes, or a commit replaces, are left to it. The clock is read once, so that an index serves. */
const EXPIRE_KEYS = `WITH gone AS (
  DELETE FROM dfns.idempotency WHERE (namespace, key) IN (
    SELECT namespace, key FROM dfns.idempotency WHERE expires_at <= (SELECT dfns.clock_ms())
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ) RETURNING 1
) SELECT count(*) AS keys FROM gone`;

/** The store in a Postgres database that `dfns migrate` has prepared. */
export class PostgresStore implements Store {
  readonly kind = 'postgres';
  readonly exclusive = false;
  readonly isElsewhere = true;
  readonly limits = LIMITS;
  readonly #pools: Pools;
  readonly #committer: Committer;
  readonly #renewals = new Set<Renewals>();

  constructor(pools: Pools, types: RowTypes, lastTry: number) {
    this.#pools = pools;
    this.#committer = new Committer(pools.lane, types, lastTry);
  }

  async commit(batch: CommitBatch) {
    admit(batch, this.limits);
    return this.#committer.commit(batch, this.#pools.writeMs);
  }

  async load(eids: readonly Eid[]) {
    const rows = await this.#read('Runs cannot be read', LOAD, [packArray('bigint', [...new Set(eids)])]);
    return assembleRuns(eids, rows);
  }

  async current(namespace: string, id: string): Promise<RunRow | undefined> {
    const [row] = await this.#read('A run cannot be read', CURRENT, [namespace, id]);
    return row && unpackRun(row as Record<string, SqlValue>);
  }

  async chain(first: Eid): Promise<readonly RunRow[]> {
    const rows = await this.#read('A chain of runs cannot be read', CHAIN, [first]);
    return rows.map(row => unpackRun(row as Record<string, SqlValue>));
  }

  async due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number) {
    return (await this.#search(
      'Due runs cannot be read',
      dueQuery(from, until, limit),
    )) as unknown as readonly DueRow[];
  }

  async inbox(from: readonly ScanFrom<InboxKey>[], limit: number) {
    return (await this.#search('The inbox cannot be read', inboxQuery(from, limit))) as unknown as readonly InboxRow[];
  }

  async held(from: readonly ScanFrom<Eid>[], limit: number) {
    const rows = await this.#search('Held runs cannot be read', heldQuery(from, limit));
    return rows.map(row => unpackRun(row as Record<string, SqlValue>));
  }

  async accept(incarnation: Incarnation, row: InboxRow): Promise<Acceptance> {
    const { shard, receiver, accepted, sender, number, message } = row;
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    const parameters = [incarnation, shard, receiver, accepted, sender, number, bytes];
    const [answer] = await this.#move('A message cannot be put into the inbox', ACCEPT, parameters);
    const acceptance = (answer?.['refusal'] ?? answer?.['accepted']) as Acceptance | null;
    // An earlier try landed while this one looked for it.
    if (acceptance === null) throw new OutcomeUnknownError('A message may have been put into the inbox.');
    return acceptance;
  }

  async untaken(keys: readonly InboxKey[]): Promise<readonly InboxKey[]> {
    return (await this.#search('The inbox cannot be read', untakenQuery(keys))) as unknown as readonly InboxKey[];
  }

  async openWorkflows(shards: readonly ShardId[]) {
    const rows = await this.#read('Open workflows cannot be read', OPEN_WORKFLOWS, [packArray('integer', shards)]);
    return rows as unknown as readonly OpenWorkflow[];
  }

  async countOpen(shards: readonly ShardId[], atRest: AtRest) {
    const { readers, readMs } = this.#pools;
    const counts = readers.queryAsOf(readMs, atRest, COUNT_OPEN, [packArray('integer', shards)]);
    const rows = await counts.catch((cause: unknown) => {
      throw readFailure('Open runs cannot be counted', cause);
    });
    return rows as unknown as readonly OpenCount[];
  }

  async join(request: JoinRequest) {
    checkShardCount(request.shards, 0);
    this.#pools.joined(request.incarnation, request.leaseMs);
    const [row] = await this.#renewing('The node cannot join', JOIN, joinParameters(request));
    return joinedAs(request, row);
  }

  async renew(incarnation: Incarnation, report?: NodeReport) {
    const parameters = [incarnation, ...reportParameters(report)];
    const [row] = await this.#renewing('The lease cannot be renewed', RENEW, parameters);
    return unpackRenewed(row);
  }

  renewals(incarnation: Incarnation, options: RenewalOptions): Renewals {
    const renewals = new ThreadRenewals(this.#pools.settings(), incarnation, options);
    this.#renewals.add(renewals);
    return renewals;
  }

  async leave(incarnation: Incarnation) {
    await this.#renewing('The node cannot leave', LEAVE, [incarnation]);
  }

  async members() {
    // Whoever looks for leases that are over has its own to keep: no list may hold it up.
    const { leases, writeMs } = this.#pools;
    const rows = await leases.query(writeMs, MEMBERS, []).catch((cause: unknown) => {
      throw readFailure('Members cannot be read', cause);
    });
    return unpackMembers(rows);
  }

  async bury(incarnation: Incarnation) {
    const parameters = [incarnation, this.#pools.lockMs];
    const [row] = await this.#move('The node cannot be marked dead', BURY, parameters);
    return row?.['dead'] === true;
  }

  async setDuty(incarnation: Incarnation, duty: Duty) {
    const parameters = [incarnation, duty, this.#pools.lockMs];
    const [row] = await this.#move('The duty of the node cannot be set', SET_DUTY, parameters);
    return row?.['set'] === true;
  }

  async noteDeath(death: DeathNote) {
    await this.#move('A death cannot be noted', NOTE_DEATH, deathParameters(death));
  }

  async deaths() {
    return (await this.#read('Deaths cannot be read', DEATHS, [])).map(unpackDeath);
  }

  async shards() {
    return (await this.#read('Shards cannot be read', SHARDS, [])).map(unpackShard);
  }

  async acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    const parameters = [shard, expect, incarnation, build, this.#pools.lockMs];
    const [row] = await this.#move('The shard cannot be acquired', ACQUIRE, parameters);
    // Others may have written to its runs since this node did.
    this.#committer.forgetRuns();
    return row && unpackAcquired(shard, row);
  }

  async release(incarnation: Incarnation, shards: readonly Released[]) {
    const numbers = packArray(
      'integer',
      shards.map(({ shard }) => shard),
    );
    const epochs = packArray(
      'bigint',
      shards.map(({ epoch }) => epoch),
    );
    const handOvers = packArray(
      'bytea',
      shards.map(({ handOver }) => handOver),
    );
    const parameters = [incarnation, numbers, epochs, handOvers, this.#pools.lockMs];
    await this.#move('The shards cannot be released', RELEASE, parameters);
    this.#committer.forgetRuns();
  }

  async resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation): Promise<Epoch | undefined> {
    const parameters = [shard, epoch, incarnation, this.#pools.lockMs];
    const [row] = await this.#move('The shard cannot be resynced', RESYNC, parameters);
    this.#committer.forgetRuns();
    return (row?.['epoch'] as Epoch | null | undefined) ?? undefined;
  }

  async remove(namespace: string, id: string, first: Eid): Promise<Removal> {
    const parameters = [namespace, id, first, this.#pools.lockMs];
    const [row] = await this.#move('An execution cannot be deleted', REMOVE, parameters);
    return row?.['removal'] as Removal;
  }

  async retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number) {
    const workflows = packArray(
      'text',
      rules.map(({ workflow }) => workflow),
    );
    const statuses = packArray(
      'integer',
      rules.map(({ status }) => STATUSES.indexOf(status)),
    );
    const times = packArray(
      'double',
      rules.map(({ closedBefore }) => closedBefore),
    );
    const parameters = [incarnation, workflows, statuses, times, limit, this.#pools.lockMs];
    const rows = await this.#move('Old executions cannot be deleted', RETIRE, parameters);
    return rows.map(row => unpackRetired(row as Parameters<typeof unpackRetired>[0]));
  }

  async expireKeys(limit: number) {
    const [row] = await this.#move('Expired keys cannot be deleted', EXPIRE_KEYS, [limit]);
    return Number(row?.['keys']);
  }

  async list(page: ListPage) {
    return listRuns(page, query => this.#search('Executions cannot be listed', query));
  }

  async count(filter: ExecutionFilter, cap: number) {
    return countRuns(filter, cap, query => this.#search('Executions cannot be counted', query));
  }

  connections() {
    const { busy, waiting } = this.#pools;
    return { busy, waiting };
  }

  async close() {
    await Promise.all([...this.#renewals].map(renewals => renewals.stop()));
    await this.#pools.close();
  }

  #search(what: string, { sql, values }: Query): Promise<Row[]> {
    return this.#read(what, sql, values);
  }

  #read(what: string, sql: string, parameters: readonly Parameter[]): Promise<Row[]> {
    const { readers, readMs } = this.#pools;
    return readers.query(readMs, sql, parameters).catch((cause: unknown) => {
      throw readFailure(what, cause);
    });
  }

  #move(what: string, sql: string, parameters: readonly Parameter[]): Promise<Row[]> {
    const { moves, writeMs } = this.#pools;
    return moves.query(writeMs, sql, parameters).catch((cause: unknown) => {
      throw writeFailure(what, cause);
    });
  }

  #renewing(what: string, sql: string, parameters: readonly Parameter[]): Promise<Row[]> {
    const { leases, writeMs } = this.#pools;
    return leases.query(writeMs, sql, parameters).catch((cause: unknown) => {
      throw writeFailure(what, cause);
    });
  }
}
