import type { Eid, ShardId } from '../../ids/ids.ts';

/**
 * The key of a durable message that its receiver has not taken. Receiver and sender are executions (eid of the first
 * run); a client's message has sender 0. `accepted` orders what different senders sent, `number` what one sent.
 */
export interface InboxKey {
  readonly shard: ShardId;
  readonly receiver: Eid;
  readonly accepted: number;
  readonly sender: Eid | 0;
  readonly number: number;
}

/** A message that its receiver has not taken. */
export interface InboxRow extends InboxKey {
  /** The message, encoded. */
  readonly message: Uint8Array;
}
