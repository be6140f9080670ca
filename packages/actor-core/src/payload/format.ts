/**
 * A payload is two header bytes and a body of MessagePack. What MessagePack lacks is a tag (`TAG`), written as
 * fixext 1 with a zero, with the values it is made of behind it, or as an extension (`EXT`) that holds bytes.
 * Each container, Date, URL, Error and binary is numbered in the order in which its first byte is written; `TAG.same`
 * and a number stand for one that was there before.
 */
export const HEADER_BYTES = 2;
/** The first header byte. */
export const FORMAT = 1;
/** The second: `graph` bodies may hold `TAG.same`. */
export const CODEC = { tree: 1, graph: 2 } as const;

export const NIL = 0xc0;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const BIN_8 = 0xc4;
export const BIN_16 = 0xc5;
export const BIN_32 = 0xc6;
export const EXT_8 = 0xc7;
export const EXT_16 = 0xc8;
export const EXT_32 = 0xc9;
export const FLOAT_64 = 0xcb;
export const UINT_8 = 0xcc;
export const UINT_16 = 0xcd;
export const UINT_32 = 0xce;
export const INT_8 = 0xd0;
export const INT_16 = 0xd1;
export const INT_32 = 0xd2;
export const FIXEXT_1 = 0xd4;
export const STR_8 = 0xd9;
export const STR_16 = 0xda;
export const STR_32 = 0xdb;
export const ARRAY_16 = 0xdc;
export const ARRAY_32 = 0xdd;
export const MAP_16 = 0xde;
export const MAP_32 = 0xdf;

export const TAG = {
  undefined: 0,
  /** A number follows: so many holes of an array, counted as its items. */
  holes: 1,
  /** A number follows: of the object that this is. */
  same: 2,
  /** A number of entries follows, then key, value, key, value. */
  map: 3,
  /** A number of items follows, then the items. */
  set: 4,
  /** A float 64 follows: milliseconds, NaN for an invalid one. */
  date: 5,
  /** A string follows. */
  url: 6,
  /** A map follows, a RecordedError; nothing in it is numbered. */
  error: 7,
} as const;

export const EXT = {
  /** One byte, 1 if negative, then the magnitude, most significant byte first. */
  bigint: 0x20,
  /** UTF-16, least significant byte first: strings that UTF-8 cannot hold, for they have lone surrogates. */
  utf16: 0x21,
  /** Binaries by their place in BINARIES, from here on; their numbers least significant byte first. */
  binary: 0x30,
} as const;

/** Fixed order: stored payloads keep the index. Uint8Array is MessagePack's own bin. */
export const BINARIES = [
  'ArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
] as const;
