import { Worker } from 'node:worker_threads';
import type { CommitBatch, InboxKey, JoinRequest, Store } from '@dfnsjs/actor-core/ports';
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, ExecutionFilter, Incarnation, ListPage, ShardId } from '@dfnsjs/actor-core/records';
import { LIMITS } from '../batch/admit.ts';
import type { SqliteCore } from './core.ts';
import type { DueRow } from './scans.ts';
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

interface ThreadOptions {
  /** Calls `giveUp` when a call has taken too long; gives what takes that back. Default: after 30 s. */
  readonly setDeadline?: (giveUp: () => void) => () => void;
  /** The thread's module. */
  readonly worker?: string;
}

/** The store in a thread of its own: for disks on which a commit would hold up the event loop. */
export class ThreadStore implements Store {
  readonly kind = 'sqlite';
  readonly limits = LIMITS;
  readonly #worker: Worker;
  readonly #clock: () => number;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  readonly #setDeadline: (giveUp: () => void) => () => void;
  #calls = 0;
  #ended = false;

  private constructor(
    path: string,
    clock: () => number,
    { setDeadline = afterDeadline, worker = WORKER }: ThreadOptions,
  ) {
    this.#clock = clock;
    this.#setDeadline = setDeadline;
    this.#worker = new Worker(new URL(worker), { workerData: path });
    this.#worker.on('message', (buffer: ArrayBuffer) => this.#settle(unpack(buffer) as Answer));
    this.#exited = new Promise(resolve => {
      this.#worker.on('error', error => this.#end(`its thread failed: ${error.message}`));
      this.#worker.on('exit', () => {
        this.#end('it is closed');
        resolve();
      });
    });
  }

  static async open(path: string, clock: () => number, options: ThreadOptions = {}): Promise<Store> {
    const store = new ThreadStore(path, clock, options);
    try {
      await store.#wait(0, false);
      return store;
    } catch (error) {
      // One that opens the file too late would keep its lock.
      await store.#worker.terminate();
      throw error;
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

  due(shard: ShardId, until: number, limit: number, after?: DueRow) {
    return this.#call('due', shard, until, limit, after);
  }

  inbox(shard: ShardId, limit: number, after?: InboxKey) {
    return this.#call('inbox', shard, limit, after);
  }

  held(shard: ShardId, limit: number, after?: Eid) {
    return this.#call('held', shard, limit, after);
  }

  join(request: JoinRequest) {
    return this.#call('join', this.#clock(), request);
  }

  renew(incarnation: Incarnation) {
    return this.#call('renew', this.#clock(), incarnation);
  }

  leave(incarnation: Incarnation) {
    return this.#call('leave', incarnation);
  }

  shards() {
    return this.#call('shards');
  }

  acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string) {
    return this.#call('acquire', this.#clock(), shard, expect, incarnation, build);
  }

  release(incarnation: Incarnation, shards: readonly { readonly shard: ShardId; readonly epoch: Epoch }[]) {
    return this.#call('release', incarnation, shards);
  }

  resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation) {
    return this.#call('resync', shard, epoch, incarnation);
  }

  remove(namespace: string, id: string, first: Eid) {
    return this.#call('remove', namespace, id, first);
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
    if (!this.#ended) await this.#send('close', []);
    await this.#exited;
  }

  async #call<M extends Method>(method: M, ...args: Parameters<SqliteCore[M]>): Promise<ReturnType<SqliteCore[M]>> {
    return (await this.#send(method, args)) as ReturnType<SqliteCore[M]>;
  }

  #send(method: Method | 'close', args: readonly unknown[]): Promise<unknown> {
    if (this.#ended) return Promise.reject(new StoreRefusedError('The store is closed.', { isOutage: true }));
    const number = ++this.#calls;
    const buffer = pack({ number, method, args });
    this.#worker.postMessage(buffer, [buffer]);
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

  #end(why: string): void {
    this.#ended = true;
    for (const number of [...this.#pending.keys()]) this.#giveUp(number, why);
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
