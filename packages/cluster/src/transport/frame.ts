import { DfnsError } from '@dfnsjs/actor-core';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { Packr, RESERVE_START_SPACE } from 'msgpackr';
import { type FrameKey, sign, SIGNATURE_BYTES, verify } from './frame-key.ts';
import { scan } from './frame-scan.ts';

/**
 * What one incarnation tells another in one go. As bytes: the version, a signature (zeros where the cluster has no
 * secret) over all behind it, then a MessagePack array `[from, to, ...items]`. The version is in the key. A signature
 * says that a node of the cluster wrote the frame, not that it comes for the first time.
 */
export interface Frame {
  readonly from: Incarnation;
  /** null: to all. */
  readonly to: Incarnation | null;
  readonly items: readonly Item[];
}

/** A kind, whose numbers belong to whoever sends and takes items, and its fields. */
export type Item = readonly [kind: number, ...fields: Field[]];
export type Field = number | string | boolean | null | Uint8Array | readonly Field[];

/** Why a frame is not taken: written by another protocol, under another secret, for somebody else, or no frame at all. */
export type FrameRefusal = 'version' | 'signature' | 'addressee' | 'damaged';

export type DecodedFrame =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'refused'; readonly reason: FrameRefusal; readonly detail: string };

export const FRAME_VERSION = 1;

/** What a frame can hold at most; `values` counts fields, items and arrays together, `depth` is that of a field. */
export const FRAME_BOUNDS = { items: 65_536, values: 1_000_000, depth: 16, incarnationBytes: 128 } as const;

const BODY = 1 + SIGNATURE_BYTES;
/** The frame's array and the item's are around each field. */
const SCAN_BOUNDS = { values: FRAME_BOUNDS.values, depth: FRAME_BOUNDS.depth + 2 };
/** It becomes part of a subject when it is answered. */
const INCARNATION = /^[\w-]+$/;
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES);
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/** The bytes, signed where there is a key. LIMIT_EXCEEDED above `FRAME_BOUNDS.items`. */
export function encodeFrame({ from, to, items }: Frame, key: FrameKey | undefined): Uint8Array {
  if (items.length > FRAME_BOUNDS.items) {
    throw new DfnsError('LIMIT_EXCEEDED', `A frame holds at most ${FRAME_BOUNDS.items} items: send several.`);
  }
  const bytes = packr.pack([from, to, ...items], RESERVE_START_SPACE + BODY);
  bytes[0] = FRAME_VERSION;
  bytes.set(key ? sign(key, bytes.subarray(BODY)) : NO_SIGNATURE, 1);
  return bytes;
}

/**
 * Reads a frame to `self` or to all. Whatever the bytes are, it answers; it looks at the signature before anything else
 * of what is signed. Fields of bytes are views into `bytes`.
 */
export function decodeFrame(bytes: Uint8Array, self: Incarnation, key: FrameKey | undefined): DecodedFrame {
  if (bytes.length <= BODY) return refused('damaged', 'it is too short');
  if (bytes[0] !== FRAME_VERSION) return refused('version', `it has version ${bytes[0]}, this build ${FRAME_VERSION}`);
  const signature = bytes.subarray(1, BODY);
  if (key === undefined) {
    if (signature.some(byte => byte !== 0)) return refused('signature', 'it is signed, and this node has no secret');
  } else if (!verify(key, bytes.subarray(BODY), signature)) return refused('signature', 'another secret, or none');
  const problem = scan(bytes, BODY, SCAN_BOUNDS);
  if (problem) return refused('damaged', problem);
  return read(unpack(bytes), self);
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes.subarray(BODY));
  } catch {
    // What passed the scan can be read; if it were not so, the frame is refused all the same.
    return undefined;
  }
}

function read(body: unknown, self: Incarnation): DecodedFrame {
  if (!Array.isArray(body) || body.length < 2) return refused('damaged', 'it is no array of sender and addressee');
  const [from, to, ...items] = body as unknown[];
  if (!isIncarnation(from) || (to !== null && !isIncarnation(to))) return refused('damaged', 'it names nobody');
  if (to !== null && to !== self) return refused('addressee', `it is for ${to}`);
  if (items.length > FRAME_BOUNDS.items) return refused('damaged', 'too many items');
  if (!items.every(isItem)) return refused('damaged', 'an item has no kind');
  return { kind: 'frame', frame: { from, to, items } };
}

const refused = (reason: FrameRefusal, detail: string): DecodedFrame => ({ kind: 'refused', reason, detail });

const isItem = (value: unknown): value is Item => Array.isArray(value) && Number.isSafeInteger(value[0]);

const isIncarnation = (value: unknown): value is Incarnation =>
  typeof value === 'string' && value.length <= FRAME_BOUNDS.incarnationBytes && INCARNATION.test(value);
