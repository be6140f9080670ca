import type { Item } from '../transport/frame.ts';

/** What nodes say to each other: an item is its kind and fields. Kinds are fixed for ever; a node drops what it does not know. */
export const KIND = {
  /** id, shard, epoch, call, arguments, by whom the id is given; null: by the sender */
  request: 1,
  /** id, how (`REPLY`), value or error */
  reply: 2,
  /** id, by whom: what is with it? */
  probe: 3,
  /** id, by whom: nobody waits for it */
  cancel: 4,
  /** from shard and epoch, to shard and epoch, number, receiver, accepted, sender, number of the sender, message or null */
  row: 5,
  /** shard, epoch, …: the sender owns these */
  owned: 6,
  /** shard, epoch, …: the sender has given these up */
  free: 7,
  /** shard, eid, command, attempt, outcome */
  ended: 8,
  /** eid, command, attempt: the outcome is committed, or not wanted */
  settled: 9,
  /** eid, command, attempt: it is cancelled */
  abort: 10,
  /** shard, epoch, eid, command, attempt: has the receiver this in hand? */
  inHand: 11,
  /** the fields of the question: it has not */
  notInHand: 12,
  /** id, index, count, bytes: of an item that is larger than a frame */
  part: 13,
  /** place: tell what changes at the receiver from there on, once there is some; null: where its feed stands */
  listen: 14,
  /** name of the sender's feed, place that was asked, where the feed ends, changes; null: they are not kept */
  told: 15,
  /** id, what is asked of the receiver's code */
  question: 16,
  /** id, how (`REPLY`), value or error */
  answer: 17,
  /** whether an answer of the same kind is wanted: the sender is there */
  hello: 18,
} as const;

export const REPLY = {
  value: 1,
  error: 2,
  /** It is being worked on. */
  working: 3,
  /** It is not known here. */
  unknown: 4,
  /** The shard is not served here. */
  elsewhere: 5,
} as const;

/** About how many bytes the item takes in a frame. */
export function weightOf(item: Item): number {
  let bytes = 4;
  for (const field of item) {
    if (typeof field === 'string') bytes += field.length * 3 + 5;
    else bytes += field instanceof Uint8Array ? field.byteLength + 5 : 9;
  }
  return bytes;
}
