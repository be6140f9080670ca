import type { Actor } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import type { Held, RunRow } from '../execution/execution.ts';
import { addressKey } from '../ids/address.ts';
import type { Eid, ShardId } from '../ids/ids.ts';
import type { Millis } from '../time/duration.ts';
import type { WriteVerdict } from './committer.ts';
import type { StartRequest } from './options.ts';
import { PassingMap } from './passing-map.ts';

/** Of a run's row, what metrics, spans and events name it by. */
export type RunSummary = Pick<
  RunRow,
  | 'eid'
  | 'first'
  | 'namespace'
  | 'id'
  | 'runId'
  | 'workflow'
  | 'version'
  | 'shard'
  | 'startedAt'
  | 'attributes'
  | 'headers'
>;

export function summaryOf(run: RunRow): RunSummary {
  const { eid, first, namespace, id, runId, workflow, version, shard, startedAt, attributes, headers } = run;
  return { eid, first, namespace, id, runId, workflow, version, shard, startedAt, attributes, headers };
}

/** A start whose first commit has not been answered. */
export interface StartInHand {
  readonly request: StartRequest;
  /** What comes with the start, in the same turn. */
  readonly message: Delivery | null;
  /** The closed run that the id points at, which this one takes the place of. */
  expect: Eid | null;
  settle(verdict: WriteVerdict): void;
}

/** What a node knows of an execution in memory: its actor, that it is being read, or that it is held. */
export interface Resident {
  readonly key: string;
  readonly namespace: string;
  readonly id: string;
  readonly shard: ShardId;
  /** Of the newest run, once known. */
  eid: Eid | null;
  actor: Actor | null;
  /** Until the first commit is answered. */
  start: StartInHand | null;
  /** Takes no turns: what comes becomes rows. */
  held: {
    readonly held: Held;
    readonly run: RunSummary;
    readonly eid: Eid;
    readonly first: Eid;
    readonly seq: number;
    /** Time of its last message. */
    readonly at: Millis;
  } | null;
  /** Messages that came while it was being read. */
  mail: Delivery[];
  /**
   * A row met a full mailbox: it waits in the store, and so does what comes after it. `of` are the receivers of such rows,
   * since those of an earlier execution of the id may be among them, without one whose rows are being read. null: there
   * are none.
   */
  left: { readonly of: Set<Eid>; reading: boolean } | null;
  /**
   * Messages to the held execution that are on their way to become rows, or a `terminate` to its end. A node that ends at
   * once answers them, since no write will.
   */
  readonly accepting: Set<Delivery>;
  /** Those of them that wait for the write before theirs. */
  readonly toAccept: Delivery[];
  /** Called when none of them is. */
  accepted: (() => void)[];
  /** Called when it is no longer being read or started, or with why it cannot be read so far. */
  settled: ((failure?: Error) => void)[];
  loading: boolean;
}

/**
 * Who is in memory, by address and by the number of the newest run. By namespace and id apart: a key of both would be
 * put together, and hashed, for each look.
 */
export class Residents {
  readonly #byAddress = new PassingMap<string, PassingMap<string, Resident>>();
  readonly #byEid = new PassingMap<Eid, Resident>();
  readonly #looks = new Set<Look>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  at(namespace: string, id: string): Resident | undefined {
    return this.#byAddress.get(namespace)?.get(id);
  }

  byEid(eid: Eid): Resident | undefined {
    return this.#byEid.get(eid);
  }

  put(resident: Resident): void {
    let ids = this.#byAddress.get(resident.namespace);
    if (!ids) this.#byAddress.set(resident.namespace, (ids = new PassingMap()));
    const before = ids.size;
    ids.set(resident.id, resident);
    this.#size += ids.size - before;
    if (resident.eid !== null) this.#cameIn(resident.eid, resident);
  }

  /** Before runs are read that are not in memory: whether each was in it meanwhile, and may be another than was read. */
  look(eids: Iterable<Eid>): Look {
    const look = new Look(eids, () => this.#looks.delete(look));
    this.#looks.add(look);
    for (const eid of eids) if (this.#byEid.has(eid)) look.cameIn(eid);
    return look;
  }

  #cameIn(eid: Eid, resident: Resident): void {
    this.#byEid.set(eid, resident);
    if (this.#looks.size > 0) for (const look of this.#looks) look.cameIn(eid);
  }

  /** The resident's newest run is another one now. */
  renumber(resident: Resident, eid: Eid): void {
    this.forgetNumber(resident);
    resident.eid = eid;
    this.#cameIn(eid, resident);
  }

  forgetNumber(resident: Resident): void {
    if (resident.eid !== null && this.#byEid.get(resident.eid) === resident) this.#byEid.delete(resident.eid);
    resident.eid = null;
  }

  remove(resident: Resident): void {
    const ids = this.#byAddress.get(resident.namespace);
    if (ids?.get(resident.id) === resident) {
      ids.delete(resident.id);
      this.#size--;
      if (ids.size === 0) this.#byAddress.delete(resident.namespace);
    }
    if (resident.eid !== null && this.#byEid.get(resident.eid) === resident) this.#byEid.delete(resident.eid);
  }

  has(resident: Resident): boolean {
    return this.at(resident.namespace, resident.id) === resident;
  }

  /** As they are now: whoever walks them may add and remove. */
  *ofShard(shard: ShardId): Iterable<Resident> {
    for (const resident of [...this.all()]) if (resident.shard === shard) yield resident;
  }

  *all(): Iterable<Resident> {
    for (const ids of this.#byAddress.values()) yield* ids.values();
  }
}

/** A reading of runs that are not in memory, from before it began. */
export class Look {
  readonly #eids: ReadonlySet<Eid>;
  readonly #stale = new Set<Eid>();
  readonly #over: () => void;

  constructor(eids: Iterable<Eid>, over: () => void) {
    this.#eids = new Set(eids);
    this.#over = over;
  }

  cameIn(eid: Eid): void {
    if (this.#eids.has(eid)) this.#stale.add(eid);
  }

  /** What was read of the run may not be what is stored any more: it came into memory meanwhile. */
  isStale(eid: Eid): boolean {
    return this.#stale.has(eid);
  }

  end(): void {
    this.#over();
  }
}

export function newResident(namespace: string, id: string, shard: ShardId): Resident {
  return {
    key: addressKey(namespace, id),
    namespace,
    id,
    shard,
    eid: null,
    actor: null,
    start: null,
    held: null,
    mail: [],
    left: null,
    accepting: new Set(),
    toAccept: [],
    accepted: [],
    settled: [],
    loading: false,
  };
}

/** Resolves when the resident is no longer being read or started; rejects where the store does not answer. */
export function readOrStarted(resident: Resident): Promise<void> {
  return new Promise((resolve, reject) => resident.settled.push(failure => (failure ? reject(failure) : resolve())));
}

/** Resolves when it is no longer being read or started, and no turn of it is on its way. */
export async function residentSettled(resident: Resident): Promise<void> {
  do {
    while (resident.loading) await readOrStarted(resident);
    const { actor } = resident;
    if (actor && (actor.committing || actor.queued || actor.turnInHand)) {
      await new Promise<void>(resolve => (actor.whenSettled ??= []).push(resolve));
    }
    // The turn may have ended with the execution being held, which is not written yet.
  } while (resident.loading);
}

/** When what the actor has in hand is settled; an abort takes the wait back and rejects with its reason. */
export function settledOrAborted(actor: Actor, abort: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settled = () => {
      abort?.removeEventListener('abort', aborted);
      resolve();
    };
    const aborted = () => {
      actor.whenSettled = actor.whenSettled?.filter(each => each !== settled) ?? null;
      reject(abort?.reason as Error);
    };
    if (abort?.aborted) return reject(abort.reason as Error);
    abort?.addEventListener('abort', aborted, { once: true });
    (actor.whenSettled ??= []).push(settled);
  });
}
