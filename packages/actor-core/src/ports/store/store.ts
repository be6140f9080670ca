import type { ExecutionFilter, ListPage } from '../../execution/filter.ts';
import type { RunRow } from '../../execution/execution.ts';
import type { Eid, Epoch, Incarnation, ShardId } from '../../ids/ids.ts';
import type { CommitBatch, CommitVerdict } from './commit.ts';
import type { DeathNote, DeathRow } from './deaths.ts';
import type { Acceptance, InboxKey, InboxRow } from './inbox.ts';
import type { Counted, ListedRun } from './listing.ts';
import type { LoadedRun } from './load.ts';
import type {
  Acquired,
  Duty,
  Joined,
  JoinRequest,
  Membership,
  NodeReport,
  OpenWorkflow,
  Released,
  Renewed,
  ShardRow,
} from './membership.ts';
import type { AtRest, OpenCount } from './open-count.ts';
import type { RenewalOptions, Renewals } from './renewals.ts';
import type { Retired, RetentionRule } from './retention.ts';
import type { DuePlace, DueRow, ScanFrom } from './scans.ts';

/** What became of an execution that was to be deleted; 'absent': the id does not point at it, any more or ever. */
export type Removal = 'removed' | 'open' | 'absent';

/**
 * All that dfns asks of a store. Every call ends within a deadline of the driver's own. Calls other than `commit`
 * reject with StoreRefusedError or OutcomeUnknownError too, and may be repeated.
 */
export interface Store {
  /** For logs and metrics: 'memory', 'sqlite', … */
  readonly kind: string;
  /** No other process can be in it while this one has it open: nobody else's lease is ever waited for. */
  readonly exclusive: boolean;
  /** A commit is carried out outside this thread, which may do other things meanwhile. */
  readonly isElsewhere: boolean;
  readonly limits: {
    /** Actors in one batch. */
    readonly items: number;
    /** Bytes in one batch. */
    readonly bytes: number;
    /** Bytes of one row. */
    readonly itemBytes: number;
  };

  /**
   * Writes each actor's part atomically; one verdict an actor, in order. Rejects with OutcomeUnknownError (send the
   * identical batch again) or StoreRefusedError (nothing of it landed).
   */
  commit(batch: CommitBatch): Promise<readonly CommitVerdict[]>;

  /** In the order asked; undefined where there is no such run. */
  load(eids: readonly Eid[]): Promise<readonly (LoadedRun | undefined)[]>;
  /** The newest run of an id. */
  current(namespace: string, id: string): Promise<RunRow | undefined>;
  /** All runs of an execution, oldest first by start: a node that joined earlier may write a later run. */
  chain(first: Eid): Promise<readonly RunRow[]>;

  // What is read of many shards, in one call: `limit` rows of each at most, so that a full one keeps no other waiting. No
  // shard stands in `from` twice.

  /** Open runs that are not held, with wakeAt <= `until`: ascending by (wakeAt, eid). */
  due(from: readonly ScanFrom<DuePlace>[], until: number, limit: number): Promise<readonly DueRow[]>;
  /** Inbox rows, ascending by key; those of held receivers are left out. */
  inbox(from: readonly ScanFrom<InboxKey>[], limit: number): Promise<readonly InboxRow[]>;
  /** Held runs, ascending by eid. */
  held(from: readonly ScanFrom<Eid>[], limit: number): Promise<readonly RunRow[]>;

  /**
   * Puts a client's message into the inbox of an execution that another node may own, where that one cannot be asked: if
   * `incarnation` lives, and the receiver is open and not held. It is accepted as `row.accepted` says, or behind all that
   * waits for the receiver. Asked again it has the effect of one, but puts anew what was taken meanwhile. Absent, as
   * `untaken` is: the store is one process's.
   */
  accept?(incarnation: Incarnation, row: InboxRow): Promise<Acceptance>;
  /** Those of the messages that are still in the inbox, of held receivers too. */
  untaken?(keys: readonly InboxKey[]): Promise<readonly InboxKey[]>;

  /**
   * Of which workflows the shards have open executions, held ones too: each version once a shard, in any order. Asked for
   * where nodes serve different ones, so that a shard goes to none that lacks what it holds. Absent: the store is one
   * process's.
   */
  openWorkflows?(shards: readonly ShardId[]): Promise<readonly OpenWorkflow[]>;

  /**
   * How many runs the shards have open, held ones too, by namespace, in any order; none of 0. They are counted as they are
   * at a moment that `atRest` gives: what commits while it lasts waits, so it only settles what is counted where counting
   * takes long.
   */
  countOpen(shards: readonly ShardId[], atRest: AtRest): Promise<readonly OpenCount[]>;

  /** An incarnation that is alive may join again, for a new ordinal; one that has ended may not (VALIDATION). */
  join(request: JoinRequest): Promise<Joined>;
  /** Extends the lease, unless it is over, and keeps the report where there is one. What is over is over for good. */
  renew(incarnation: Incarnation, report?: NodeReport): Promise<Renewed>;
  /**
   * Renews by itself from now on, from a thread that no busy turn holds up. Absent: the store's renewals are calls of
   * the main loop. Of an incarnation that has joined this store; ends with `close`.
   */
  renewals?(incarnation: Incarnation, options: RenewalOptions): Renewals;
  /** Ends the incarnation: its shards must be released before. */
  leave(incarnation: Incarnation): Promise<void>;
  members(): Promise<Membership>;
  /** Marks the incarnation dead if its lease is over by the store's clock. true: it is dead now; unknown ones are. */
  bury(incarnation: Incarnation): Promise<boolean>;
  /** Sets what is asked of a node; false: no living member is that one. */
  setDuty(incarnation: Incarnation, duty: Duty): Promise<boolean>;
  /**
   * Keeps whose code a node dies of, for those that take its shards; once an incarnation, and for BOUNDS.crashWindowMs.
   * Absent, as `deaths` is: the store is one process's, and deaths are noted beside it.
   */
  noteDeath?(death: DeathNote): Promise<void>;
  /** Of the last BOUNDS.crashWindowMs, the newest 1,000, oldest first. */
  deaths?(): Promise<readonly DeathRow[]>;
  shards(): Promise<readonly ShardRow[]>;
  /**
   * Takes the shard if its epoch is `expect`, its owner none or dead and `incarnation` alive; raises the epoch.
   * undefined: it was not so. Asked again by the one that took it, the answer is the first one.
   */
  acquire(shard: ShardId, expect: Epoch, incarnation: Incarnation, build: string): Promise<Acquired | undefined>;
  /** Gives up shards that (incarnation, epoch) owns; others are left alone, what they were handed over with too. */
  release(incarnation: Incarnation, shards: readonly Released[]): Promise<void>;
  /** Raises the epoch of a shard that (incarnation, epoch) owns, else undefined. Asked again: the first answer. */
  resync(shard: ShardId, epoch: Epoch, incarnation: Incarnation): Promise<Epoch | undefined>;

  /**
   * Deletes the execution that `first` numbers, if it has ended and (namespace, id) points at a run of it: its runs,
   * journals, snapshots, attributes and inbox go at once, and the id is free. Idempotency keys of its starts are free
   * too.
   */
  remove(namespace: string, id: string, first: Eid): Promise<Removal>;

  /**
   * Deletes executions of shards that `incarnation` owns, `limit` at most, of which no run is open and that are over by a
   * rule, those that closed first before others: as `remove` does, and those whose id another execution has taken since.
   * It is to be asked again, with a pause for others, until none was left.
   */
  retire(incarnation: Incarnation, rules: readonly RetentionRule[], limit: number): Promise<readonly Retired[]>;

  /** Deletes idempotency keys that have expired by the store's clock, `limit` at most; how many there were. */
  expireKeys(limit: number): Promise<number>;

  /** Runs by (startedAt, eid), earlier ones of a chain included. `startedAfter` and `startedBefore` leave their bound out. */
  list(page: ListPage): Promise<readonly ListedRun[]>;
  /** Stops counting at `cap`. */
  count(filter: ExecutionFilter, cap: number): Promise<Counted>;

  /** Of a store over a network: connections that somebody waits for an answer on, and calls that wait for one. */
  connections?(): { readonly busy: number; readonly waiting: number };
  /** Ends all work and frees what the store holds. */
  close(): Promise<void>;
}
