import type { ShardId } from '../../ids/ids.ts';

/** How many runs of a namespace a shard has open. */
export interface OpenCount {
  readonly shard: ShardId;
  readonly namespace: string;
  readonly runs: number;
}

/**
 * Has `moment` called when no commit of the caller's is on its way, and no other begun before it settles; rejects with its
 * error, or where it is never to be called.
 */
export type AtRest = (moment: () => Promise<void>) => Promise<void>;
