import {
  type AtRest,
  type CommitBatch,
  type CommitVerdict,
  type DeathNote,
  type DuePlace,
  type Duty,
  type InboxKey,
  type InboxRow,
  type JoinRequest,
  type NodeReport,
  type OpenCount,
  OutcomeUnknownError,
  type Released,
  type Removal,
  type RetentionRule,
  type ScanFrom,
  type Store,
  StoreRefusedError,
} from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, ExecutionFilter, Incarnation, ListPage, ShardId } from '@dfnsjs/actor-core/records';
import type { Agenda } from './agenda.ts';
import type { NodeClock } from './clock.ts';
import { describeAnswer, describeBatch } from './describe.ts';
import type { Seed } from './seed.ts';

/** How likely each thing is to happen to a call, 0 to 1. */
export interface Weather {
  refused: number;
  /** The outcome is not known; the call lands before its caller hears so, later, or never. */
  unknown: number;
  /** Nothing is heard until a deadline; it lands as with `unknown`. */
  hangs: number;
  slow: number;
}

export const FAIR: Readonly<Weather> = { refused: 0, unknown: 0, hangs: 0, slow: 0 };

/** Milliseconds. */
const SLOW_MS = 2_000;
const LATE_MS = 4_000;
const DEADLINE_MS = 5_000;
/** What a lease depends on is given up before the lease is over. */
const LEASE_DEADLINE_MS = 800;
const LEASE_CALLS: ReadonlySet<string> = new Set(['renew', 'members', 'bury']);

export interface StoreWorld {
  readonly agenda: Agenda;
  readonly seed: Seed;
  readonly weather: Weather;
  /** Longest time to land, and to be answered, in fair weather. */
  readonly usualMs: number;
  note(line: string): void;
  /** Something was drawn: whether it comes about. */
  happens(what: string): boolean;
  /** A batch took effect (again, perhaps), whether or not its caller lives to hear of it. */
  landed(batch: CommitBatch, verdicts: readonly CommitVerdict[]): void;
  /** A client's message is in the inbox of an execution. */
  put(row: InboxRow): void;
  /** The store has granted a lease from now on, or ended one. */
  leased(incarnation: Incarnation, alive: boolean): void;
  /** A violation or a defect of the world: it ends the run. */
  broken(error: unknown): void;
}

function shardsOf(from: readonly ScanFrom<unknown>[]): string {
  return from.map(({ shard }) => shard).join(' ');
}

/** The store as one node sees it: each call lands at one moment and is answered at another, if all goes well. */
export class SimulatedStore implements Store {
  dead = false;
  readonly isElsewhere = true;
  readonly limits: Store['limits'];
  readonly #store: Store;
  readonly #clock: NodeClock;
  readonly #world: StoreWorld;
  #calls = 0;

  constructor(store: Store, limits: Store['limits'], clock: NodeClock, world: StoreWorld) {
    this.#store = store;
    this.#clock = clock;
    this.limits = limits;
    this.#world = world;
  }

  get exclusive(): boolean {
    return this.#store.exclusive;
  }

  get kind(): string {
    return this.#store.kind;
  }

  commit(batch: CommitBatch): Promise<readonly CommitVerdict[]> {
    return this.#call('commit', describeBatch(batch), true, async () => {
      const verdicts = await this.#store.commit(batch);
      this.#world.landed(batch, verdicts);
      return verdicts;
    });
  }

  load(eids: readonly Eid[]) {
    return this.#call('load', eids.join(' '), true, () => this.#store.load(eids));
  }

  current(namespace: string, id: string) {
    return this.#call('current', id, true, () => this.#store.current(namespace, id));
  }

  chain(first: Eid) {
    return this.#call('chain', `${first}`, true, () => this.#store.chain(first));
  }

  due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number) {
    const places = from.map(({ shard, after }) => `${shard}${after ? ` after ${after.wakeAt}/${after.eid}` : ''}`);
    const what = `${places.join(', ')} until ${until}`;
    return this.#call('due', what, true, () => this.#store.due(from, until, limit));
  }

  inbox(from: readonly ScanFrom<InboxKey>[], limit: number) {
    return this.#call('inbox', shardsOf(from), true, () => this.#store.inbox(from, limit));
  }

  held(from: readonly ScanFrom<Eid>[], limit: number) {
    return this.#call('held', shardsOf(from), true, () => this.#store.held(from, limit));
  }

  countOpen(shards: readonly ShardId[], atRest: AtRest) {
    const inNode: AtRest = moment =>
      new Promise((resolve, reject) =>
        this.#clock.run(() => {
          atRest(() => this.#call('moment', '', 'never', moment)).then(resolve, reject);
        }),
      );
    // It fails where whoever asked has given it up.
    return this.#call('countOpen', shards.join(' '), true, () =>
      this.#store.countOpen(shards, inNode).catch((): readonly OpenCount[] => []),
    );
  }

  join(request: JoinRequest) {
    // It ends the process if it fails, before there is anything to be seen of it.
    return this.#call('join', request.incarnation, 'never', async () => {
      const joined = await this.#store.join(request);
      this.#world.leased(request.incarnation, true);
      return joined;
    });
  }

  renew(incarnation: Incarnation, report?: NodeReport) {
    return this.#call('renew', incarnation, false, async () => {
      const renewed = await this.#store.renew(incarnation, report);
      this.#world.leased(incarnation, renewed.alive);
      return renewed;
    });
  }

  leave(incarnation: Incarnation) {
    return this.#call('leave', incarnation, false, async () => {
      await this.#store.leave(incarnation);
      this.#world.leased(incarnation, false);
    });
  }

  members() {
    return this.#call('members', '', false, () => this.#store.members());
  }

  bury(incarnation: Incarnation) {
    return this.#call('bury', incarnation, false, () => this.#store.bury(incarnation));
  }

  setDuty(incarnation: Incarnation, duty: Duty) {
    return this.#call('setDuty', `${incarnation} ${duty}`, false, () => this.#store.setDuty(incarnation, duty));
  }

  shards() {
    return this.#call('shards', '', false, () => this.#store.shards());
  }

  acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    const what = `${shard} at ${expect}`;
    return this.#call('acquire', what, false, () => this.#store.acquire(shard, expect, incarnation, build));
  }

  release(incarnation: Incarnation, shards: readonly Released[]) {
    return this.#call('release', shards.map(each => each.shard).join(' '), false, () =>
      this.#store.release(incarnation, shards),
    );
  }

  resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation) {
    return this.#call('resync', `${shard} at ${epoch}`, false, () => this.#store.resync(shard, epoch, incarnation));
  }

  remove(namespace: string, id: string, first: Eid): Promise<Removal> {
    return this.#call('remove', id, true, () => this.#store.remove(namespace, id, first));
  }

  retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number) {
    return this.#call('retire', incarnation, true, () => this.#store.retire(incarnation, rules, limit));
  }

  noteDeath(death: DeathNote) {
    return this.#call('noteDeath', `${death.incarnation} ${death.eid}`, true, () => this.#store.noteDeath!(death));
  }

  accept(incarnation: Incarnation, row: InboxRow) {
    return this.#call('accept', `${row.shard} ${row.receiver} ${row.sender}/${row.number}`, false, async () => {
      const acceptance = await this.#store.accept!(incarnation, row);
      if (typeof acceptance === 'number') this.#world.put({ ...row, accepted: acceptance });
      return acceptance;
    });
  }

  untaken(keys: readonly InboxKey[]) {
    return this.#call('untaken', `${keys.length}`, false, () => this.#store.untaken!(keys));
  }

  openWorkflows(shards: readonly ShardId[]) {
    return this.#call('openWorkflows', shards.join(' '), false, () => this.#store.openWorkflows!(shards));
  }

  deaths() {
    return this.#call('deaths', '', true, () => this.#store.deaths!());
  }

  expireKeys(limit: number) {
    return this.#call('expireKeys', '', true, () => this.#store.expireKeys(limit));
  }

  list(page: ListPage) {
    return this.#call('list', '', true, () => this.#store.list(page));
  }

  count(filter: ExecutionFilter, cap: number) {
    return this.#call('count', '', true, () => this.#store.count(filter, cap));
  }

  async close(): Promise<void> {}

  #call<T>(name: string, what: string, mayFail: boolean | 'never', work: () => Promise<T>): Promise<T> {
    if (this.dead) return new Promise<T>(() => {});
    const { agenda, seed, weather } = this.#world;
    const number = ++this.#calls;
    this.#world.note(`call ${number} ${name} ${what}`);
    return new Promise<T>((resolve, reject) => {
      const answer = (delay: number, settle: () => void) =>
        agenda.after(delay, () => {
          if (!this.dead) this.#clock.run(settle);
        });
      const land = (delay: number, then: (result: T) => void) =>
        agenda.after(delay, () => {
          work().then(
            result => {
              this.#world.note(`landed ${number} ${describeAnswer(result)}`);
              then(result);
            },
            (error: unknown) => this.#world.broken(error),
          );
        });
      const drawn = mayFail !== 'never' && (mayFail || !this.#store.exclusive) ? seed.random() : 1;
      const usual = () => seed.between(0, this.#world.usualMs);
      let passed = weather.refused;
      if (drawn < passed && this.#world.happens('refused')) {
        answer(usual(), () => reject(new StoreRefusedError(`${name} was refused.`)));
        return;
      }
      for (const kind of ['unknown', 'hangs'] as const) {
        const from = passed;
        passed += weather[kind];
        if (drawn < from || drawn >= passed) continue;
        const lands = seed.pick(['now', 'later', 'never'] as const);
        if (!this.#world.happens(`${kind}, lands ${lands}`)) continue;
        const deadline = LEASE_CALLS.has(name) ? LEASE_DEADLINE_MS : DEADLINE_MS;
        const heard = kind === 'hangs' ? deadline : usual();
        if (lands === 'now') land(seed.between(0, heard), () => undefined);
        if (lands === 'later') land(heard + seed.between(1, LATE_MS), () => undefined);
        answer(heard, () => reject(new OutcomeUnknownError(`The outcome of ${name} is unknown.`)));
        return;
      }
      const isSlow = drawn >= passed && drawn < passed + weather.slow;
      const slow = isSlow && this.#world.happens('slow');
      const delay = () => (slow ? seed.between(0, SLOW_MS) : usual());
      land(delay(), result => answer(delay(), () => resolve(result)));
    });
  }
}
