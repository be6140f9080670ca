import type { Eid, ShardId } from '../../ids/ids.ts';

/**
 * The key of a durable message that its receiver has not taken. Receiver and sender are executions (eid of the first
 * run); a client's message has sender 0, or below it where a node that does not own the receiver put it there. `accepted` orders what different senders sent, `number` what one sent.
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

/**
 * What became of a client's message that was to be put into an inbox: as what it is accepted there. 'closed': no run of its
 * receiver is open, any more or ever; 'held': one is, and is held; 'ended': whoever puts it is no more. In all three nothing
 * was put.
 */
export type Acceptance = InboxKey['accepted'] | 'closed' | 'held' | 'ended';

/** The key alone of a row, or of what has one. */
export function inboxKeyOf({ shard, receiver, accepted, sender, number }: InboxKey): InboxKey {
  return { shard, receiver, accepted, sender, number };
}

/** A row, and when it counts as accepted. */
export interface TimedRow<Row extends InboxKey> {
  readonly row: Row;
  readonly at: number;
}

/**
 * Rows by when they were accepted, but each sender's in the order of its numbers: nodes whose clocks differ may have
 * stamped a later one earlier. It then counts as accepted with the one before it. Rows of several receivers may stand
 * among each other.
 */
export function inSenderOrder<Row extends InboxKey>(rows: readonly Row[]): TimedRow<Row>[] {
  const last = new Map<string, number>();
  const timed = [...rows]
    .sort((a, b) => a.sender - b.sender || a.number - b.number)
    .map(row => {
      const link = `${row.sender}>${row.receiver}`;
      const at = Math.max(row.accepted, last.get(link) ?? 0);
      last.set(link, at);
      return { row, at };
    });
  return timed.sort((a, b) => a.at - b.at || a.row.sender - b.row.sender || a.row.number - b.row.number);
}
