import type { ActorCommit, CommitBatch, CommitVerdict, InboxRow, Joined, Store } from '@dfnsjs/actor-core/ports';
import {
  type CommitId,
  type Eid,
  eidOf,
  type Epoch,
  type Incarnation,
  type Payload,
  type RunId,
  type RunRow,
  type ShardId,
} from '@dfnsjs/actor-core/records';

export const SHARDS = 4;
export const LEASE_MS = 10_000;
export const NAMESPACE = 'default';

/** Bytes that tell what they are when a comparison fails. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function payload(text: string): Payload {
  return bytes(text) as Payload;
}

/** One node on a store: it has joined, owns its shards, and writes what a case needs in few words. */
export class Scene {
  readonly store: Store;
  readonly incarnation: Incarnation;
  readonly ordinal: number;
  readonly epochs = new Map<number, Epoch>();
  #batches = 0;

  private constructor(store: Store, incarnation: Incarnation, joined: Joined) {
    this.store = store;
    this.incarnation = incarnation;
    this.ordinal = joined.ordinal;
  }

  /** Joins and takes all shards that are free. */
  static async join(store: Store, name = 'node-1'): Promise<Scene> {
    const incarnation = name as Incarnation;
    const joined = await store.join({ incarnation, address: 'here', build: 'b1', leaseMs: LEASE_MS, shards: SHARDS });
    const scene = new Scene(store, incarnation, joined);
    for (const { shard, epoch } of await store.shards()) {
      const acquired = await store.acquire(shard, epoch, incarnation, 'b1');
      if (acquired) scene.epochs.set(shard, acquired.epoch);
    }
    return scene;
  }

  eid(n: number): Eid {
    return eidOf(this.ordinal, n);
  }

  /** A running run without anything special; its id is `run-N`. */
  run(n: number, more: Partial<RunRow> = {}): RunRow {
    const eid = this.eid(n);
    return {
      eid,
      first: eid,
      namespace: NAMESPACE,
      id: `run-${n}`,
      runId: `run-id-${n}` as RunId,
      workflow: 'order',
      version: 1,
      build: 'b1',
      shard: 0 as ShardId,
      status: 'running',
      startedAt: 1_000 + n,
      closedAt: null,
      wakeAt: null,
      seed: n,
      lineage: null,
      parent: null,
      held: null,
      attributes: null,
      details: null,
      headers: null,
      deadline: null,
      runDeadline: null,
      input: payload(`input ${n}`),
      output: null,
      carry: null,
      startedBy: null,
      waiting: null,
      turns: 1,
      bytes: 10,
      lastError: null,
      ...more,
    };
  }

  /** A part that only passes the fence: the rest is the caller's. */
  part(eid: Eid, prevSeq: number, more: Partial<ActorCommit> = {}): ActorCommit {
    const shard = more.shard ?? (0 as ShardId);
    return { shard, epoch: this.epochs.get(shard) ?? (0 as Epoch), eid, prevSeq, ...more };
  }

  start(n: number, run: Partial<RunRow> = {}, more: Partial<ActorCommit> = {}): ActorCommit {
    const insert = this.run(n, run);
    const journal = { seq: 1, turn: bytes(`turn 1 of ${n}`) };
    return this.part(insert.eid, 0, { shard: insert.shard, journal, insert, current: { expect: null }, ...more });
  }

  turn(n: number, prevSeq: number, more: Partial<ActorCommit> = {}): ActorCommit {
    return this.part(this.eid(n), prevSeq, {
      journal: { seq: prevSeq + 1, turn: bytes(`turn ${prevSeq + 1} of ${n}`) },
      ...more,
    });
  }

  /** From execution `sender` (0: a client) to run `n`. */
  message(n: number, accepted: number, sender = 0, number = 1, more: Partial<InboxRow> = {}): InboxRow {
    return {
      shard: 0 as ShardId,
      receiver: this.eid(n),
      accepted,
      sender: sender === 0 ? 0 : this.eid(sender),
      number,
      message: bytes(`message ${accepted} to ${n}`),
      ...more,
    };
  }

  batch(...actors: ActorCommit[]): CommitBatch {
    return { commitId: `${this.incarnation}.${++this.#batches}` as CommitId, incarnation: this.incarnation, actors };
  }

  commit(...actors: ActorCommit[]): Promise<readonly CommitVerdict[]> {
    return this.store.commit(this.batch(...actors));
  }

  /** Commits what must land. */
  async given(...actors: ActorCommit[]): Promise<void> {
    for (const verdict of await this.commit(...actors)) {
      if (verdict.kind !== 'done') throw new Error(`The case is set up wrong: ${JSON.stringify(verdict)}.`);
    }
  }
}
