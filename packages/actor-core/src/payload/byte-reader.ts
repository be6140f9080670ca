import { asciiOf } from './ascii.ts';
import { BYTE_TEXT } from './runtime-byte-text.ts';
import { damaged } from './damage.ts';
import { keyOf } from './key-cache.ts';
import {
  EXT,
  EXT_8,
  EXT_16,
  EXT_32,
  FLOAT_64,
  INT_8,
  INT_16,
  INT_32,
  STR_8,
  STR_16,
  STR_32,
  UINT_8,
  UINT_16,
  UINT_32,
} from './format.ts';

const NOTHING = new Uint8Array(0);
/** Up to here single characters beat a call. */
const SHORT_TEXT = 32;

/** Reads MessagePack scalars, never beyond the end of the bytes. */
export class ByteReader {
  bytes: Uint8Array = NOTHING;
  at = 0;
  #view: Uint8Array | undefined;
  readonly #scratch = new Uint8Array(8);
  readonly #scratchView = new DataView(this.#scratch.buffer);

  begin(bytes: Uint8Array, at: number): void {
    this.bytes = bytes;
    this.at = at;
    this.#view = undefined;
  }

  /** Lets go of the bytes. */
  end(): void {
    this.begin(NOTHING, 0);
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw this.broken('it ends too early');
    return this.bytes[this.at++] as number;
  }

  /** Big-endian. */
  uint(size: 1 | 2 | 4): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.byte();
    return value;
  }

  /** The rest of a number behind its token; undefined if that is no number's. */
  numberAfter(token: number): number | undefined {
    switch (token) {
      case UINT_8:
        return this.byte();
      case UINT_16:
        return this.uint(2);
      case UINT_32:
        return this.uint(4);
      case INT_8:
        return (this.byte() << 24) >> 24;
      case INT_16:
        return (this.uint(2) << 16) >> 16;
      case INT_32:
        return this.uint(4) | 0;
      case FLOAT_64:
        return this.#float();
      default:
        return undefined;
    }
  }

  /** A number from 0 to 2^32 - 1 with its token. */
  count(): number {
    const token = this.byte();
    const count = token < 0x80 ? token : this.numberAfter(token);
    if (count === undefined || !(count >= 0) || count >>> 0 !== count) throw this.broken('a count is missing');
    return count;
  }

  /** The rest of a string behind its token; undefined if that is no string's. */
  textAfter(token: number): string | undefined {
    const length = this.#textLength(token);
    return length < 0 ? undefined : this.#text(length);
  }

  /** A string with its token, where a key must be. */
  key(): string {
    const token = this.byte();
    if (token >= 0xa0 && token < 0xc0) {
      const end = this.#endOf(token & 31);
      const key = keyOf(this.bytes, this.at, end);
      if (key === undefined) return this.#text(token & 31);
      this.at = end;
      return key;
    }
    const text = this.textAfter(token);
    if (text !== undefined) return text;
    const size = this.extSize(token);
    if (size === undefined || this.byte() !== EXT.utf16) throw this.broken('a key is missing');
    return this.utf16(size);
  }

  /** How many bytes an extension holds, by its token; undefined if that is no extension's. */
  extSize(token: number): number | undefined {
    if (token === EXT_8) return this.byte();
    if (token === EXT_16) return this.uint(2);
    return token === EXT_32 ? this.uint(4) : undefined;
  }

  utf16(size: number): string {
    if (size % 2 !== 0) throw this.broken('half a character');
    const end = this.#endOf(size);
    const text = BYTE_TEXT.utf16(this.#asView(), this.at, end);
    this.at = end;
    return text;
  }

  /** A copy of the next bytes, in memory of its own. */
  copy(size: number): Uint8Array<ArrayBuffer> {
    const end = this.#endOf(size);
    const copy = new Uint8Array(size);
    copy.set(this.bytes.subarray(this.at, end));
    this.at = end;
    return copy;
  }

  broken(reason: string, cause?: unknown): Error {
    return damaged(reason, this.at, cause);
  }

  #textLength(token: number): number {
    if (token >= 0xa0 && token < 0xc0) return token & 31;
    if (token === STR_8) return this.byte();
    if (token === STR_16) return this.uint(2);
    return token === STR_32 ? this.uint(4) : -1;
  }

  #text(length: number): string {
    const end = this.#endOf(length);
    const text =
      (length <= SHORT_TEXT ? asciiOf(this.bytes, this.at, end) : undefined) ??
      BYTE_TEXT.utf8(this.#asView(), this.at, end);
    this.at = end;
    return text;
  }

  #float(): number {
    const end = this.#endOf(8);
    for (let i = 0; i < 8; i++) this.#scratch[i] = this.bytes[this.at + i] as number;
    this.at = end;
    return this.#scratchView.getFloat64(0);
  }

  #endOf(size: number): number {
    const end = this.at + size;
    if (end > this.bytes.length) throw this.broken('it ends too early');
    return end;
  }

  #asView(): Uint8Array {
    return (this.#view ??= BYTE_TEXT.view(this.bytes));
  }
}
