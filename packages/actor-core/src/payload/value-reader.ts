import { BOUNDS } from '../bounds.ts';
import { ByteReader } from './byte-reader.ts';
import {
  ARRAY_16,
  ARRAY_32,
  BIN_8,
  BIN_16,
  BIN_32,
  FALSE,
  FIXEXT_1,
  MAP_16,
  MAP_32,
  NIL,
  TAG,
  TRUE,
} from './format.ts';
import { HoleMaker } from './hole-maker.ts';
import { readError, readExt, readUrl } from './special-values.ts';

/** An object that is being read and does not exist yet. */
const UNFINISHED = Symbol('unfinished');

/** Reads what ValueWriter wrote; anything else ends in an error, within the memory that its size explains. */
export class ValueReader {
  readonly bytes = new ByteReader();
  readonly #holes = new HoleMaker();
  #objects: (object | typeof UNFINISHED)[] = [];
  #isNumbering = false;
  #depth = 0;

  read(payload: Uint8Array, from: number, isGraph: boolean): unknown {
    this.bytes.begin(payload, from);
    this.#isNumbering = isGraph;
    this.#depth = 0;
    try {
      const value = this.value();
      if (this.bytes.at !== payload.length) throw this.bytes.broken('something follows its end');
      return value;
    } finally {
      if (isGraph) this.#objects = [];
      this.#holes.begin();
      this.bytes.end();
    }
  }

  value(): unknown {
    const token = this.bytes.byte();
    if (token < 0x80) return token;
    if (token >= 0xe0) return token - 0x100;
    if (token < 0x90) return this.#plain(token & 15);
    if (token < 0xa0) return this.#shortArray(token & 15);
    const scalar = this.bytes.textAfter(token) ?? this.bytes.numberAfter(token);
    if (scalar !== undefined) return scalar;
    switch (token) {
      case NIL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case MAP_16:
        return this.#plain(this.bytes.uint(2));
      case MAP_32:
        return this.#plain(this.bytes.uint(4));
      case ARRAY_16:
        return this.#array(this.bytes.uint(2));
      case ARRAY_32:
        return this.#array(this.bytes.uint(4));
      case BIN_8:
        return this.number(this.bytes.copy(this.bytes.byte()));
      case BIN_16:
        return this.number(this.bytes.copy(this.bytes.uint(2)));
      case BIN_32:
        return this.number(this.bytes.copy(this.bytes.uint(4)));
      case FIXEXT_1:
        return this.#tagged();
      default:
        return readExt(this, token);
    }
  }

  /** Gives a finished object the next number. */
  number<T extends object>(object: T): T {
    if (this.#isNumbering) this.#objects.push(object);
    return object;
  }

  #tagged(): unknown {
    const tag = this.bytes.byte();
    if (this.bytes.byte() !== 0) throw this.bytes.broken('an unknown tag');
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.same:
        return this.#same(this.bytes.count());
      case TAG.map:
        return this.#map(this.bytes.count());
      case TAG.set:
        return this.#set(this.bytes.count());
      case TAG.date:
        return this.number(new Date(this.#float()));
      case TAG.url:
        return this.number(readUrl(this.bytes));
      case TAG.error:
        return this.#error();
      default:
        throw this.bytes.broken('an unknown tag');
    }
  }

  #same(number: number): object {
    const object = this.#isNumbering ? this.#objects[number] : undefined;
    if (object === undefined || object === UNFINISHED) throw this.bytes.broken('a reference leads nowhere');
    return object;
  }

  #plain(size: number): object {
    const object: Record<string, unknown> = this.number({});
    this.#enter();
    for (let i = 0; i < size; i++) {
      const key = this.bytes.key();
      if (key === '__proto__') define(object, key, this.value());
      else object[key] = this.value();
    }
    this.#depth--;
    return object;
  }

  /** Made in its length, where pushing would make room for seventeen. */
  #shortArray(length: number): unknown[] {
    const array = this.number(new Array<unknown>(length));
    this.#enter();
    for (let i = 0; i < length;) {
      const holes = this.#holesNext();
      if (holes === 0) array[i++] = this.value();
      else if (i + holes <= length) i += holes;
      else throw this.bytes.broken('more holes than there is room for');
    }
    this.#depth--;
    return array;
  }

  #array(length: number): unknown[] {
    // Grown by what there is: a length is only a claim.
    const array: unknown[] = this.number([]);
    this.#enter();
    while (array.length < length) {
      const holes = this.#holesNext();
      if (holes === 0) array.push(this.value());
      else if (array.length + holes <= length) this.#holes.append(array, holes);
      else throw this.bytes.broken('more holes than there is room for');
    }
    this.#depth--;
    return array;
  }

  #holesNext(): number {
    const { bytes, at } = this.bytes;
    if (bytes[at] !== FIXEXT_1 || bytes[at + 1] !== TAG.holes || bytes[at + 2] !== 0) return 0;
    this.bytes.at += 3;
    const holes = this.bytes.count();
    if (holes === 0) throw this.bytes.broken('no holes');
    return holes;
  }

  #map(size: number): Map<unknown, unknown> {
    const map = this.number(new Map<unknown, unknown>());
    this.#enter();
    for (let i = 0; i < size; i++) map.set(this.value(), this.value());
    this.#depth--;
    return map;
  }

  #set(size: number): Set<unknown> {
    const set = this.number(new Set<unknown>());
    this.#enter();
    for (let i = 0; i < size; i++) set.add(this.value());
    this.#depth--;
    return set;
  }

  #error(): Error {
    const isNumbering = this.#isNumbering;
    const number = isNumbering ? this.#objects.push(UNFINISHED) - 1 : 0;
    this.#enter();
    this.#isNumbering = false;
    const error = readError(this);
    this.#isNumbering = isNumbering;
    this.#depth--;
    if (isNumbering) this.#objects[number] = error;
    return error;
  }

  #float(): number {
    const number = this.bytes.numberAfter(this.bytes.byte());
    if (number === undefined) throw this.bytes.broken('a number is missing');
    return number;
  }

  #enter(): void {
    if (++this.#depth > BOUNDS.payloadDepth) throw this.bytes.broken(`more than ${BOUNDS.payloadDepth} levels`);
  }
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}
