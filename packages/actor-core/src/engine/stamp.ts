import { encodeMessage } from '../journal/record.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Eid } from '../ids/ids.ts';
import type { Message } from '../message/message.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import type { Millis } from '../time/duration.ts';
import type { OwnedShard } from './parts.ts';

/** The place of a message in a shard's order of acceptance: at least the clock, always above the last. */
export function stamp(owned: OwnedShard, now: Millis): number {
  owned.accepted = Math.max(Math.floor(now), owned.accepted + 1);
  return owned.accepted;
}

/** The row of a client's message that cannot be taken now. */
export function acceptedRow(owned: OwnedShard, receiver: Eid, message: Message, now: Millis): InboxRow {
  const accepted = stamp(owned, now);
  return { shard: owned.shard, receiver, accepted, sender: 0, number: accepted, message: encodeMessage(message) };
}

/** The row of a signal from one execution to another. */
export function sentRow(
  from: RunRow,
  number: number,
  to: { readonly first: Eid; readonly shard: InboxRow['shard'] },
  accepted: number,
  message: Message,
): InboxRow {
  return { shard: to.shard, receiver: to.first, accepted, sender: from.first, number, message: encodeMessage(message) };
}
