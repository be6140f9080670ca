import type { Eid } from '@dfnsjs/actor-core/records';

export interface PackedTurn {
  readonly eid: Eid;
  readonly seq: number;
  /** Once packed, a view into the bytes of all. */
  turn: Uint8Array;
}

/** eid (float64), seq (uint32), length of the turn (uint32), all big-endian, before each turn. */
const HEADER_BYTES = 16;

/** The turns end to end, which are views into it from then on. */
export function packTurns(turns: readonly PackedTurn[]): Buffer {
  let size = 0;
  for (const { turn } of turns) size += HEADER_BYTES + turn.length;
  const packed = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const each of turns) {
    const { eid, seq, turn } = each;
    packed.writeDoubleBE(eid, at);
    packed.writeUInt32BE(seq, at + 8);
    packed.writeUInt32BE(turn.length, at + 12);
    packed.set(turn, at + HEADER_BYTES);
    each.turn = new Uint8Array(packed.buffer, at + HEADER_BYTES, turn.length);
    at += HEADER_BYTES + turn.length;
  }
  return packed;
}

/** Views into `packed`. RangeError where it ends within a turn. */
export function unpackTurns(packed: Buffer): PackedTurn[] {
  const turns: PackedTurn[] = [];
  for (let at = 0; at < packed.length;) {
    const eid = packed.readDoubleBE(at) as Eid;
    const seq = packed.readUInt32BE(at + 8);
    const begin = at + HEADER_BYTES;
    at = begin + packed.readUInt32BE(at + 12);
    if (at > packed.length) throw new RangeError(`A turn of ${eid} ends after the bytes that hold it.`);
    turns.push({ eid, seq, turn: packed.subarray(begin, at) });
  }
  return turns;
}
