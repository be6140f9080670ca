import type { Epoch, Incarnation, ShardId } from '../../ids/ids.ts';

/** A node that joins the store. */
export interface JoinRequest {
  readonly incarnation: Incarnation;
  readonly address: string;
  readonly build: string;
  readonly leaseMs: number;
  /** Fixed when the store is created; a store with another number refuses. */
  readonly shards: number;
}

/** What a node is in the store. */
export interface Joined {
  /** Never given twice: the upper part of this node's eids. */
  readonly ordinal: number;
  /** Milliseconds since the epoch by the store's clock. */
  readonly now: number;
}

/** Whose a shard is. */
export interface ShardRow {
  readonly shard: ShardId;
  readonly epoch: Epoch;
  /** null: released, or never owned. */
  readonly owner: Incarnation | null;
  /** Of the newest build that owned it. */
  readonly build: string | null;
}

/** A shard that a node took. */
export interface Acquired extends ShardRow {
  /** The former owner released it; false: it died, and what it had in hand is unknown. */
  readonly clean: boolean;
  /** Highest `accepted` among the shard's inbox rows, 0 without any. */
  readonly highestAccepted: number;
}
