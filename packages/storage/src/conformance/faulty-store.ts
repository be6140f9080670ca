import {
  type AtRest,
  type CommitBatch,
  type DuePlace,
  type Duty,
  type InboxKey,
  type JoinRequest,
  type NodeReport,
  OutcomeUnknownError,
  type Released,
  type Removal,
  type RetentionRule,
  type ScanFrom,
  type Store,
  StoreRefusedError,
} from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, ExecutionFilter, Incarnation, ListPage, ShardId } from '@dfnsjs/actor-core/records';

/** A call of a store that may be made to fail. */
export type StoreCall = Exclude<
  keyof Store,
  | 'kind'
  | 'exclusive'
  | 'isElsewhere'
  | 'limits'
  | 'accept'
  | 'untaken'
  | 'openWorkflows'
  | 'renewals'
  | 'noteDeath'
  | 'deaths'
  | 'connections'
  | 'close'
>;

/** What goes wrong with a call. */
export type Fault =
  /** StoreRefusedError; nothing lands. */
  | { readonly kind: 'refuse' }
  /** OutcomeUnknownError; the call lands at once, never, or when `land` is called. */
  | { readonly kind: 'unknown'; readonly lands: 'now' | 'never' | 'later' }
  /** Made once `until` settles; or made at once, and answered then. */
  | { readonly kind: 'slow'; readonly until: Promise<unknown>; readonly lands: 'now' | 'then' }
  /** Never answered; lands as with 'unknown'. */
  | { readonly kind: 'hang'; readonly lands: 'now' | 'never' | 'later' };

/** Decides about each call, counted from 1 among its kind. undefined: it goes through. */
export type FaultSchedule = (call: StoreCall, number: number, batch?: CommitBatch) => Fault | undefined;

/**
 * Any store, with faults where a schedule asks for them. It has no clock and no chance of its own: the same schedule
 * over the same calls fails in the same way.
 */
export class FaultyStore implements Store {
  readonly #store: Store;
  readonly #schedule: FaultSchedule;
  readonly #made = new Map<StoreCall, number>();
  readonly #late: (() => Promise<unknown>)[] = [];

  constructor(store: Store, schedule: FaultSchedule) {
    this.#store = store;
    this.#schedule = schedule;
  }

  get kind(): string {
    return this.#store.kind;
  }

  get exclusive(): boolean {
    return this.#store.exclusive;
  }

  get isElsewhere(): boolean {
    return this.#store.isElsewhere;
  }

  get limits(): Store['limits'] {
    return this.#store.limits;
  }

  /** Calls that may yet land. */
  get late(): number {
    return this.#late.length;
  }

  /** Lets the oldest late call land, or fail without a word, as it does when its caller has given up. false: none is left. */
  async land(): Promise<boolean> {
    const work = this.#late.shift();
    await work?.().catch(() => undefined);
    return work !== undefined;
  }

  commit(batch: CommitBatch) {
    return this.#make('commit', () => this.#store.commit(batch), batch);
  }

  load(eids: readonly Eid[]) {
    return this.#make('load', () => this.#store.load(eids));
  }

  current(namespace: string, id: string) {
    return this.#make('current', () => this.#store.current(namespace, id));
  }

  chain(first: Eid) {
    return this.#make('chain', () => this.#store.chain(first));
  }

  due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number) {
    return this.#make('due', () => this.#store.due(from, until, limit));
  }

  inbox(from: readonly ScanFrom<InboxKey>[], limit: number) {
    return this.#make('inbox', () => this.#store.inbox(from, limit));
  }

  held(from: readonly ScanFrom<Eid>[], limit: number) {
    return this.#make('held', () => this.#store.held(from, limit));
  }

  countOpen(shards: readonly ShardId[], atRest: AtRest) {
    return this.#make('countOpen', () => this.#store.countOpen(shards, atRest));
  }

  join(request: JoinRequest) {
    return this.#make('join', () => this.#store.join(request));
  }

  renew(incarnation: Incarnation, report?: NodeReport) {
    return this.#make('renew', () => this.#store.renew(incarnation, report));
  }

  leave(incarnation: Incarnation) {
    return this.#make('leave', () => this.#store.leave(incarnation));
  }

  members() {
    return this.#make('members', () => this.#store.members());
  }

  bury(incarnation: Incarnation) {
    return this.#make('bury', () => this.#store.bury(incarnation));
  }

  setDuty(incarnation: Incarnation, duty: Duty) {
    return this.#make('setDuty', () => this.#store.setDuty(incarnation, duty));
  }

  shards() {
    return this.#make('shards', () => this.#store.shards());
  }

  acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    return this.#make('acquire', () => this.#store.acquire(shard, expect, incarnation, build));
  }

  release(incarnation: Incarnation, shards: readonly Released[]) {
    return this.#make('release', () => this.#store.release(incarnation, shards));
  }

  resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation) {
    return this.#make('resync', () => this.#store.resync(shard, epoch, incarnation));
  }

  remove(namespace: string, id: string, first: Eid): Promise<Removal> {
    return this.#make('remove', () => this.#store.remove(namespace, id, first));
  }

  retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number) {
    return this.#make('retire', () => this.#store.retire(incarnation, rules, limit));
  }

  expireKeys(limit: number) {
    return this.#make('expireKeys', () => this.#store.expireKeys(limit));
  }

  list(page: ListPage) {
    return this.#make('list', () => this.#store.list(page));
  }

  count(filter: ExecutionFilter, cap: number) {
    return this.#make('count', () => this.#store.count(filter, cap));
  }

  close() {
    return this.#store.close();
  }

  async #make<T>(call: StoreCall, work: () => Promise<T>, batch?: CommitBatch): Promise<T> {
    const number = (this.#made.get(call) ?? 0) + 1;
    this.#made.set(call, number);
    const fault = this.#schedule(call, number, batch);
    switch (fault?.kind) {
      case undefined:
        return work();
      case 'refuse':
        throw new StoreRefusedError(`${call} ${number} was refused.`);
      case 'slow':
        return this.#slowly(fault, work);
      case 'unknown':
        await this.#lose(fault.lands, work);
        throw new OutcomeUnknownError(`The outcome of ${call} ${number} is unknown.`);
      case 'hang':
        await this.#lose(fault.lands, work);
        return new Promise<T>(() => {});
    }
  }

  async #slowly<T>(
    fault: { readonly until: Promise<unknown>; readonly lands: 'now' | 'then' },
    work: () => Promise<T>,
  ): Promise<T> {
    if (fault.lands === 'then') {
      await fault.until;
      return work();
    }
    const [answer] = await Promise.allSettled([work(), fault.until]);
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  }

  async #lose(lands: 'now' | 'never' | 'later', work: () => Promise<unknown>): Promise<void> {
    if (lands === 'later') this.#late.push(work);
    // Its own failure is lost with its answer.
    if (lands === 'now') await work().catch(() => undefined);
  }
}
