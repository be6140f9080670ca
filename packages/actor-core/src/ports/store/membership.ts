import type { Epoch, Incarnation, ShardId } from '../../ids/ids.ts';

/** What a node tells of itself when it joins and with each renewal. */
export interface NodeReport {
  /** Others can reach it. */
  readonly transport: boolean;
  /** 'ready' takes shards, 'leaving' gives its shards up. */
  readonly state: 'ready' | 'leaving';
  /** Executions in its memory. */
  readonly residents: number;
  readonly loopLagMs: number;
}

/** Of a node that has told nothing. */
export const NO_REPORT: NodeReport = { transport: true, state: 'ready', residents: 0, loopLagMs: 0 };

/** A workflow that a node's code has. */
export interface ServedWorkflow {
  readonly name: string;
  readonly version: number;
}

/** A workflow that a shard has open executions of. */
export interface OpenWorkflow extends ServedWorkflow {
  readonly shard: ShardId;
}

/** A node that joins the store. */
export interface JoinRequest {
  readonly incarnation: Incarnation;
  readonly address: string;
  readonly build: string;
  readonly leaseMs: number;
  /** Fixed when the store is created; a store with another number refuses. */
  readonly shards: number;
  /** Absent: none, or what this incarnation told when it joined before. */
  readonly workflows?: readonly ServedWorkflow[];
  /** Absent: NO_REPORT, or the last one of this incarnation. */
  readonly report?: NodeReport;
}

/** What a node is in the store. */
export interface Joined {
  /** Never given twice: the upper part of this node's eids. */
  readonly ordinal: number;
  /** Milliseconds since the epoch by the store's clock. */
  readonly now: number;
}

/** What an operator asked of a node: 'cordon' keeps what it has and takes no more, 'drain' gives up all it has. */
export type Duty = 'serve' | 'cordon' | 'drain';

/** A node that nobody has marked dead. */
export interface Member extends NodeReport {
  readonly incarnation: Incarnation;
  /** The first that it was given: members stand in the order in which they came. */
  readonly ordinal: number;
  readonly address: string;
  readonly build: string;
  readonly workflows: readonly ServedWorkflow[];
  readonly duty: Duty;
  /** What is left of its lease by the store's clock; 0 or less: it is over, and whoever waits for it may bury it. */
  readonly leaseLeftMs: number;
}

/** Who is there, in one view of the store. */
export interface Membership {
  /** Rises with a join, a leave, a death, a duty, and a report with another transport or state. */
  readonly version: number;
  /** The store's clock. */
  readonly now: number;
  /** By ordinal. */
  readonly members: readonly Member[];
}

/** What a renewal is answered. */
export interface Renewed {
  /** false: the incarnation is dead, or lapsed, and must join anew. */
  readonly alive: boolean;
  /** Milliseconds since the epoch by the store's clock. */
  readonly now: number;
  /** Of the members. */
  readonly version: number;
  /** `ownedText` of the shards that the store says it owns. */
  readonly owned: string;
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
  /** What the last release brought, whoever has owned and lost the shard since. */
  readonly handOver: Uint8Array | null;
}

/** A shard that its owner gives up. */
export interface Released {
  readonly shard: ShardId;
  readonly epoch: Epoch;
  /** What the next owners must know of work in hand; takes the place of what was there. Packed by the caller. */
  readonly handOver: Uint8Array | null;
}
