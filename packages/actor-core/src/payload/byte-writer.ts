import { BYTE_TEXT } from './runtime-byte-text.ts';
import {
  BIN_8,
  EXT,
  EXT_8,
  FIXEXT_1,
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

/**
 * A new ArrayBuffer outside of V8's heap costs 10 µs, so payloads of middle size are parts of a slab; none is ever
 * written over. One that is kept pins its slab: where results live long, slabs are small.
 */
const SLAB_BYTES = 4_096;
/** Up to this size an own ArrayBuffer is cheap, since V8 keeps it on its heap. */
const OWN_BYTES = 64;
/** Above this size an own ArrayBuffer is worth its price, and pins no slab. */
const PART_BYTES = 512;
/** Strings below this length are worth a loop instead of a call. */
const SHORT_TEXT = 64;
/** Room that `reserve` may ask for and not use. */
const SLACK_BYTES = SHORT_TEXT * 3 + 8;
/** Above the limit bytes are only counted, up to this many times the limit. */
const COUNTED_LIMITS = 64;

/** Writes MessagePack scalars and headers into memory that grows up to a limit. */
export class ByteWriter {
  readonly #slabBytes: number;
  #slab: Uint8Array<ArrayBuffer>;
  #slabView: DataView;
  #slabUsed = 0;
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #start = 0;
  #at = 0;
  #counted = 0;
  #limit = 0;

  constructor(slabBytes = SLAB_BYTES) {
    this.#slabBytes = slabBytes;
    this.#buffer = this.#slab = BYTE_TEXT.allocate(slabBytes);
    this.#view = this.#slabView = viewOf(this.#slab);
  }

  begin(limitBytes: number): void {
    this.#limit = limitBytes;
    this.#buffer = this.#slab;
    this.#view = this.#slabView;
    this.#at = this.#start = this.#slabUsed;
    this.#counted = 0;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Bytes written since `begin`, also those above the limit, which are counted but not kept. */
  get size(): number {
    return this.#counted + this.#at - this.#start;
  }

  /** True once so much was written that counting on makes no sense. */
  get isBeyondCounting(): boolean {
    return this.#counted > this.#limit * COUNTED_LIMITS;
  }

  /** What was written since `begin`; must be within the limit. */
  finish(): Uint8Array {
    const size = this.#at - this.#start;
    if (size > OWN_BYTES && size <= PART_BYTES && this.#buffer === this.#slab) {
      const part = new Uint8Array(this.#slab.buffer, this.#start, size);
      this.#slabUsed = this.#at;
      if (this.#slabBytes - this.#slabUsed < PART_BYTES) this.#renewSlab();
      return part;
    }
    const own = new Uint8Array(size);
    // Calls cost more than a short loop does.
    if (size <= OWN_BYTES) for (let i = 0; i < size; i++) own[i] = this.#buffer[this.#start + i] as number;
    else own.set(this.#buffer.subarray(this.#start, this.#at));
    return own;
  }

  /** Lets go of memory that was grown for one large payload. */
  end(): void {
    this.#buffer = this.#slab;
    this.#view = this.#slabView;
  }

  byte(value: number): void {
    if (this.#at >= this.#buffer.length) this.#grow(1);
    this.#buffer[this.#at++] = value;
  }

  /** Rewrites a header byte; only while nothing was counted out. */
  patch(offset: number, value: number): void {
    if (this.#counted === 0) this.#buffer[this.#start + offset] = value;
  }

  tag(tag: number): void {
    this.#reserve(3);
    this.#buffer[this.#at++] = FIXEXT_1;
    this.#buffer[this.#at++] = tag;
    this.#buffer[this.#at++] = 0;
  }

  number(value: number): void {
    this.#reserve(9);
    const buffer = this.#buffer;
    if (value >>> 0 === value && (value !== 0 || 1 / value > 0)) {
      if (value < 0x80) buffer[this.#at++] = value;
      else if (value < 0x100) {
        buffer[this.#at++] = UINT_8;
        buffer[this.#at++] = value;
      } else if (value < 0x10000) this.#header(UINT_16, value, 2);
      else this.#header(UINT_32, value, 4);
    } else if (value >> 0 === value && value !== 0) {
      if (value >= -0x20) buffer[this.#at++] = value + 0x100;
      else if (value >= -0x80) this.#header(INT_8, value + 0x100, 1);
      else if (value >= -0x8000) this.#header(INT_16, value + 0x10000, 2);
      else this.#header(INT_32, value, 4);
    } else this.#float(value);
  }

  float(value: number): void {
    this.#reserve(9);
    this.#float(value);
  }

  /** Of an array or map: in the fix token up to 15, else as 16 or 32 bits. */
  count(count: number, fix: number, token16: number): void {
    this.#reserve(5);
    if (count < 16) this.#buffer[this.#at++] = fix | count;
    else if (count < 0x10000) this.#header(token16, count, 2);
    else this.#header(token16 + 1, count, 4);
  }

  text(text: string): void {
    const length = text.length;
    if (length >= SHORT_TEXT) return this.#longText(text);
    this.#reserve(SLACK_BYTES);
    const buffer = this.#buffer;
    let at = this.#at + (length < 32 ? 1 : 2);
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return this.#longText(text);
      buffer[at++] = unit;
    }
    if (length < 32) buffer[this.#at] = 0xa0 | length;
    else {
      buffer[this.#at] = STR_8;
      buffer[this.#at + 1] = length;
    }
    this.#at = at;
  }

  /** MessagePack's bin. */
  bin(bytes: Uint8Array): void {
    this.#raw(bytes, BIN_8);
  }

  /** An extension that holds `bytes`. */
  ext(type: number, bytes: Uint8Array): void {
    this.#raw(bytes, EXT_8, type);
  }

  #longText(text: string): void {
    // UTF-8 has no bytes for lone surrogates; its encoders put U+FFFD without a word.
    if (!text.isWellFormed()) return this.ext(EXT.utf16, BYTE_TEXT.utf16Bytes(text));
    const bytes = BYTE_TEXT.utf8Length(text);
    if (!this.#fits(bytes)) return;
    if (bytes < 32) this.#buffer[this.#at++] = 0xa0 | bytes;
    else if (bytes < 0x100) this.#header(STR_8, bytes, 1);
    else if (bytes < 0x10000) this.#header(STR_16, bytes, 2);
    else this.#header(STR_32, bytes, 4);
    BYTE_TEXT.writeUtf8(this.#buffer, text, this.#at, bytes);
    this.#at += bytes;
  }

  #raw(bytes: Uint8Array, token8: number, type?: number): void {
    const size = bytes.byteLength;
    if (!this.#fits(size)) return;
    if (size < 0x100) this.#header(token8, size, 1);
    else if (size < 0x10000) this.#header(token8 + 1, size, 2);
    else this.#header(token8 + 2, size, 4);
    if (type !== undefined) this.#buffer[this.#at++] = type;
    this.#buffer.set(bytes, this.#at);
    this.#at += size;
  }

  #header(token: number, value: number, bytes: 1 | 2 | 4): void {
    this.#buffer[this.#at++] = token;
    if (bytes === 1) this.#buffer[this.#at] = value;
    else if (bytes === 2) this.#view.setUint16(this.#at, value);
    else this.#view.setUint32(this.#at, value);
    this.#at += bytes;
  }

  #float(value: number): void {
    this.#buffer[this.#at] = FLOAT_64;
    this.#view.setFloat64(this.#at + 1, value);
    this.#at += 9;
  }

  #fits(bytes: number): boolean {
    if (bytes > this.#limit) {
      this.#counted += bytes + 5;
      return false;
    }
    this.#reserve(bytes + 6);
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#buffer.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    let used = this.#at - this.#start;
    if (used > 0 && used + bytes > this.#limit + SLACK_BYTES) {
      this.#counted += used;
      this.#at = this.#start;
      used = 0;
      if (this.#at + bytes <= this.#buffer.length) return;
    }
    const grown = BYTE_TEXT.allocate(
      Math.max(used + bytes, Math.min(this.#buffer.length * 4, this.#limit + SLACK_BYTES)),
    );
    grown.set(this.#buffer.subarray(this.#start, this.#at));
    this.#buffer = grown;
    this.#view = viewOf(grown);
    this.#start = 0;
    this.#at = used;
  }

  #renewSlab(): void {
    this.#slab = BYTE_TEXT.allocate(this.#slabBytes);
    this.#slabView = viewOf(this.#slab);
    this.#slabUsed = 0;
  }
}

function viewOf(buffer: Uint8Array): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
