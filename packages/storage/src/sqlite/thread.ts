import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
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
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, ExecutionFilter, Incarnation, ListPage, ShardId } from '@dfnsjs/actor-core/records';
import { LIMITS } from '../batch/admit.ts';
import type { SqliteCore } from './core.ts';
import { type Answer, type Method, pack, unpack, unpackFailure } from './thread-protocol.ts';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly isCommit: boolean;
  readonly cancelDeadline: () => void;
}

/** Beside this file, with its extension. */
const WORKER = import.meta.url.replace(/thread\.(\w+)$/, 'thread-worker.$1');

/** After it a call is given up: a batch may still land, so its outcome is unknown. */
const DEADLINE_MS = 30_000;
/** Between two tries to open the file again. */
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;
/** The number of the answer that a thread gives when the file is open. */
const OPENING = 0;

interface ThreadOptions {
  /** Calls `giveUp` when a call has taken too long; gives what takes that back. Default: after 30 s. */
  readonly setDeadline?: (giveUp: () => void) => () => void;
  /** The thread's module. */
  readonly worker?: string;
}

/**
 * The store in a thread of its own: for disks on which a commit would hold up the event loop. A thread that dies is
 * replaced: of commits in hand the outcome is unknown, and other calls are refused until the file is open again. Who owns
 * what is in the file, so whatever another process did meanwhile fences what comes then.
 */
export class ThreadStore implements Store {
  readonly kind = 'sqlite';
  readonly exclusive = true;
  readonly isElsewhere = true;
  readonly limits = LIMITS;
  readonly #newWorker: () => Worker;
  readonly #clock: () => number;
  readonly #pending = new Map<number, Pending>();
  readonly #setDeadline: (giveUp: () => void) => () => void;
  readonly #closing = new AbortController();
  #worker: Worker | undefined;
  #exited: Promise<void> = Promise.resolve();
  #calls = 0;
  #isOpen = false;
  /** Why calls are refused while it is not open. */
  #why = 'it is not open yet';

  private constructor(
    path: string,
    clock: () => number,
    { setDeadline = afterDeadline, worker = WORKER }: ThreadOptions,
  ) {
    this.#clock = clock;
    this.#setDeadline = setDeadline;
    this.#newWorker = () => new Worker(new URL(worker), { workerData: path });
  }

  static async open(path: string, clock: () => number, options: ThreadOptions = {}): Promise<Store> {
    const store = new ThreadStore(path, clock, options);
    await store.#begin();
    return store;
  }

  /** Resolves when a thread has the file open and takes calls; rejects, the thread ended, where it cannot be. */
  async #begin(): Promise<void> {
    const worker = this.#newWorker();
    let failure = 'it ended';
    worker.on('message', (buffer: ArrayBuffer) => this.#settle(unpack(buffer) as Answer));
    worker.on('error', error => (failure = error.message));
    this.#exited = new Promise(resolve => worker.on('exit', () => resolve(this.#ended(failure))));
    this.#worker = worker;
    try {
      await this.#wait(OPENING, false);
    } catch (error) {
      // One that opens the file too late would keep its lock.
      await worker.terminate();
      throw error;
    }
    this.#isOpen = true;
  }

  /** The thread is gone, and with it what it was asked. */
  #ended(failure: string): void {
    const died = this.#isOpen && !this.#closing.signal.aborted;
    this.#isOpen = false;
    this.#why = this.#closing.signal.aborted ? 'it is closed' : `its thread died (${failure}); it is opened again`;
    for (const number of [...this.#pending.keys()]) this.#giveUp(number, this.#why);
    if (died) void this.#reopen();
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#closing;
    for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)) {
      try {
        await pause(retryMs, undefined, { signal });
        return await this.#begin();
      } catch (error) {
        if (!signal.aborted) this.#why = `it cannot be opened again: ${(error as Error).message}`;
      }
    }
  }

  commit(batch: CommitBatch) {
    return this.#call('commit', this.#clock(), batch);
  }

  load(eids: readonly Eid[]) {
    return this.#call('load', eids);
  }

  current(namespace: string, id: string) {
    return this.#call('current', namespace, id);
  }

  chain(first: Eid) {
    return this.#call('chain', first);
  }

  due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number) {
    return this.#call('due', from, until, limit);
  }

  inbox(from: readonly ScanFrom<InboxKey>[], limit: number) {
    return this.#call('inbox', from, limit);
  }

  held(from: readonly ScanFrom<Eid>[], limit: number) {
    return this.#call('held', from, limit);
  }

  async countOpen(shards: readonly ShardId[], atRest: AtRest) {
    const open: OpenCount[] = [];
    await atRest(async () => {
      for (const shard of shards) open.push(...(await this.#call('countOpen', shard)));
    });
    return open;
  }

  join(request: JoinRequest) {
    return this.#call('join', this.#clock(), request);
  }

  renew(incarnation: Incarnation, report?: NodeReport) {
    return this.#call('renew', this.#clock(), incarnation, report);
  }

  leave(incarnation: Incarnation) {
    return this.#call('leave', incarnation);
  }

  members() {
    return this.#call('members', this.#clock());
  }

  bury(incarnation: Incarnation) {
    return this.#call('bury', this.#clock(), incarnation);
  }

  setDuty(incarnation: Incarnation, duty: Duty) {
    return this.#call('setDuty', this.#clock(), incarnation, duty);
  }

  shards() {
    return this.#call('shards');
  }

  acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    return this.#call('acquire', this.#clock(), shard, expect, incarnation, build);
  }

  release(incarnation: Incarnation, shards: readonly Released[]) {
    return this.#call('release', incarnation, shards);
  }

  resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation) {
    return this.#call('resync', shard, epoch, incarnation);
  }

  remove(namespace: string, id: string, first: Eid) {
    return this.#call('remove', namespace, id, first);
  }

  retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number) {
    return this.#call('retire', incarnation, rules, limit);
  }

  expireKeys(limit: number) {
    return this.#call('expireKeys', this.#clock(), limit);
  }

  list(page: ListPage) {
    return this.#call('list', page);
  }

  count(filter: ExecutionFilter, cap: number) {
    return this.#call('count', filter, cap);
  }

  /** Calls made before are answered first. */
  async close() {
    if (this.#isOpen && !this.#closing.signal.aborted) {
      const closed = this.#send('close', []);
      this.#closing.abort();
      await closed;
    } else if (!this.#isOpen) {
      this.#closing.abort();
      await this.#worker?.terminate();
    }
    await this.#exited;
  }

  async #call<M extends Method>(method: M, ...args: Parameters<SqliteCore[M]>): Promise<ReturnType<SqliteCore[M]>> {
    return (await this.#send(method, args)) as ReturnType<SqliteCore[M]>;
  }

  #send(method: Method | 'close', args: readonly unknown[]): Promise<unknown> {
    if (!this.#isOpen || this.#closing.signal.aborted) {
      const why = this.#closing.signal.aborted ? 'it is closed' : this.#why;
      return Promise.reject(new StoreRefusedError(`The store takes no call: ${why}.`, { isOutage: true }));
    }
    const number = ++this.#calls;
    const buffer = pack({ number, method, args });
    this.#worker?.postMessage(buffer, [buffer]);
    return this.#wait(number, method === 'commit');
  }

  #wait(number: number, isCommit: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancelDeadline = this.#setDeadline(() => this.#giveUp(number, `no answer within ${DEADLINE_MS} ms`));
      this.#pending.set(number, { resolve, reject, isCommit, cancelDeadline });
    });
  }

  #settle(answer: Answer): void {
    const pending = this.#take(answer.number);
    if ('failure' in answer) pending?.reject(unpackFailure(answer.failure));
    else pending?.resolve(answer.value);
  }

  #giveUp(number: number, why: string): void {
    const pending = this.#take(number);
    pending?.reject(
      pending.isCommit
        ? new OutcomeUnknownError(`The batch may have been committed: ${why}.`)
        : new StoreRefusedError(`The store did not answer: ${why}.`, { isOutage: true }),
    );
  }

  #take(number: number): Pending | undefined {
    const pending = this.#pending.get(number);
    pending?.cancelDeadline();
    this.#pending.delete(number);
    return pending;
  }
}

function afterDeadline(giveUp: () => void): () => void {
  const timeout = setTimeout(giveUp, DEADLINE_MS);
  return () => clearTimeout(timeout);
}
