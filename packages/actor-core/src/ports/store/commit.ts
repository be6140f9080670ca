import type { RunPatch, RunRow } from '../../execution/execution.ts';
import type { Status } from '../../execution/status.ts';
import type { CommitId, Eid, Epoch, Incarnation, ShardId } from '../../ids/ids.ts';
import type { JournalRow, SnapshotRow } from '../../journal/rows.ts';
import type { InboxKey, InboxRow } from './inbox.ts';

export type { JournalRow, SnapshotRow };

/** The first answer to an idempotent start, kept 24 h as long as its run is there: same key and body get it again. */
export interface IdempotencyRow {
  readonly namespace: string;
  /** Operation, target and the caller's key, joined by the engine. */
  readonly key: string;
  /** Of the request's body. */
  readonly hash: string;
  readonly eid: Eid;
  readonly expiresAt: number;
}

/**
 * All that one actor writes at once; atomic. Journal, inbox and new runs are inserted, never upserted; `update` changes
 * only its columns. Checked first, in this order: the shard is owned by (`incarnation`, `epoch`), else `fenced`; a
 * journal row that is there under this commitId is `done`, and nothing is written; the stored last seq is `prevSeq` and
 * the row of `update` is there, else `conflict`; every row of `takes` is there, else `already-taken`; `idempotency`
 * is free or expired, else `duplicate`; `current` is as expected, else `exists`. A commit without a journal row whose `insert` `current` points at already is
 * `done`.
 */
export interface ActorCommit {
  readonly shard: ShardId;
  readonly epoch: Epoch;
  readonly eid: Eid;
  /** Last stored seq of `eid`, 0 when it has no journal. */
  readonly prevSeq: number;
  readonly journal?: JournalRow;
  /** A new run. With `eid`'s own row in a start; of the next run in continue-as-new. */
  readonly insert?: RunRow;
  /** The journal that the run of `insert` begins with: segments from turn 1 on, without a gap. */
  readonly prefix?: readonly SnapshotRow[];
  /** Changes `eid`'s row, which must be there. */
  readonly update?: RunPatch;
  /** Points (namespace, id) of `insert` at its eid, if it pointed at `expect` (null: at nothing). */
  readonly current?: { readonly expect: Eid | null };
  readonly idempotency?: IdempotencyRow;
  readonly snapshot?: SnapshotRow;
  /** Rows deleted. Without a journal row this is idempotent: rows that are gone are no error. */
  readonly takes?: readonly InboxKey[];
  /** Messages to other executions, with this turn. */
  readonly sends?: readonly InboxRow[];
  /** Messages to this actor that could not be taken now. Idempotent: rows that are there already are no error. */
  readonly accepts?: readonly InboxRow[];
}

/** What is committed together: each entry stands or falls by itself, those that stand are durable at once. */
export interface CommitBatch {
  /** Kept when the batch is sent again: rows that are there under it are this batch's own. */
  readonly commitId: CommitId;
  readonly incarnation: Incarnation;
  /** No `eid` stands here twice. */
  readonly actors: readonly ActorCommit[];
}

/** What became of one entry of a batch. */
export type CommitVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'exists'; readonly eid: Eid; readonly status: Status }
  | { readonly kind: 'duplicate'; readonly eid: Eid; readonly hash: string }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'already-taken' }
  /** True of every actor of the same shard in the batch. */
  | { readonly kind: 'fenced' };

/** The write landed, now or by an earlier try of the same batch. */
export const DONE: CommitVerdict = { kind: 'done' };

/** The batch may or may not have landed, and may yet land: the identical batch must be sent again. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/**
 * Nothing of the batch landed, nor will: it may be sent again, or not. A batch that is refused again and again is taken
 * apart to find the write that the store does not take, unless the driver knows that it would refuse any other too.
 */
export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError';
  /** The store takes nothing at all for now: a full disk, no connection. */
  readonly isOutage: boolean;

  constructor(message: string, { isOutage = false, ...options }: ErrorOptions & { readonly isOutage?: boolean } = {}) {
    super(message, options);
    this.isOutage = isOutage;
  }
}
