import { BOUNDS } from '../bounds.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import { isError } from '../errors/error-classes.ts';
import { ByteWriter } from './byte-writer.ts';
import { ARRAY_16, CODEC, FALSE, FORMAT, MAP_16, NIL, TAG, TRUE } from './format.ts';
import { lostField, pathOf, refusalOf, tooDeep, tooLarge, unreadable, type Step } from './refusal.ts';
import { SeenObjects } from './seen-objects.ts';
import { specialKindOf, writeBigint, writeError } from './special-kinds.ts';

/** Walks a value once: checks it, notices objects that come again, and writes it. Each property is read once. */
export class ValueWriter {
  readonly bytes = new ByteWriter();
  readonly #seen = new SeenObjects();
  /** Steps to where the walk is; the first undefined one ends it. */
  readonly #path: (Step | undefined)[] = [];
  #depth = 0;
  #isNumbering = true;
  #isGraph = false;
  #what = '';
  #refusal: DfnsError | undefined;

  /** The payload of `value`, or a DfnsError that names the part that cannot be encoded. */
  write(value: unknown, what: string, limitBytes: number): Uint8Array {
    this.#begin(what, limitBytes);
    try {
      this.value(value);
      if (this.bytes.size > limitBytes) throw this.refuse(tooLarge(what, this.bytes.size, limitBytes));
      if (this.#isGraph) this.bytes.patch(1, CODEC.graph);
      return this.bytes.finish();
    } catch (error) {
      if (error === this.#refusal) throw error;
      // Only the value's own getters, proxies and forged prototypes can have thrown.
      throw unreadable(this.#here(), error);
    } finally {
      this.#end();
    }
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.bytes.text(value);
      case 'number':
        return this.bytes.number(value);
      case 'boolean':
        return this.bytes.byte(value ? TRUE : FALSE);
      case 'object':
        return value === null ? this.bytes.byte(NIL) : this.#object(value);
      case 'undefined':
        return this.bytes.tag(TAG.undefined);
      case 'bigint':
        return writeBigint(this.bytes, value);
      default:
        throw this.refuse(refusalOf(this.#here(), value));
    }
  }

  /** Writes a part of a value, one step further down its path. */
  part(step: Step, value: unknown): void {
    this.#path[this.#depth - 1] = step;
    this.value(value);
  }

  /** Writes values that came from nowhere else, so that none of them needs a number. */
  unnumbered(value: unknown): void {
    const before = this.#isNumbering;
    this.#isNumbering = false;
    this.value(value);
    this.#isNumbering = before;
  }

  /** Refuses fields that would be lost. */
  expectNoFields(object: object): void {
    const [key] = Reflect.ownKeys(object);
    if (key === undefined) return;
    throw this.refuse(lostField(this.#here(), key));
  }

  refuse(error: DfnsError): DfnsError {
    return (this.#refusal = error);
  }

  #begin(what: string, limitBytes: number): void {
    this.#what = what;
    this.#depth = 0;
    this.#isGraph = false;
    this.#isNumbering = true;
    this.#refusal = undefined;
    this.bytes.begin(limitBytes);
    this.bytes.byte(FORMAT);
    this.bytes.byte(CODEC.tree);
  }

  #end(): void {
    this.#seen.clear();
    this.bytes.end();
  }

  #object(object: object): void {
    if (this.#isNumbering) {
      const number = this.#seen.numberOf(object);
      if (number >= 0) {
        this.#isGraph = true;
        this.bytes.tag(TAG.same);
        return this.bytes.number(number);
      }
    }
    if (this.#depth >= BOUNDS.payloadDepth) throw this.refuse(tooDeep(this.#here(), BOUNDS.payloadDepth));
    if (this.bytes.isBeyondCounting) throw this.refuse(tooLarge(this.#what, this.bytes.size, this.bytes.limit));
    this.#path[this.#depth++] = undefined;
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Object.prototype || prototype === null) this.#plain(object as Record<string, unknown>);
    else if (prototype === Array.prototype && Array.isArray(object)) this.#array(object);
    else this.#special(object, prototype as object);
    this.#depth--;
  }

  #plain(object: Readonly<Record<string, unknown>>): void {
    const symbols = Object.getOwnPropertySymbols(object);
    if (symbols.length > 0) throw this.refuse(lostField(this.#here(), symbols[0] as symbol));
    const keys = Object.keys(object);
    this.bytes.count(keys.length, 0x80, MAP_16);
    const step = this.#depth - 1;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      this.#path[step] = key;
      this.bytes.text(key);
      this.value(object[key]);
    }
  }

  #array(array: readonly unknown[]): void {
    const length = array.length;
    this.bytes.count(length, 0x90, ARRAY_16);
    const step = this.#depth - 1;
    for (let i = 0; i < length; i++) {
      this.#path[step] = i;
      const item = array[i];
      if (item === undefined && !Object.hasOwn(array, i)) return this.#sparse(array, i, length);
      this.value(item);
    }
  }

  /** The part of an array from its first hole on: by its keys, since it may have four billion holes. */
  #sparse(array: readonly unknown[], from: number, length: number): void {
    let at = from;
    for (const key of Object.keys(array)) {
      const index = Number(key);
      // Keys that are no index come last, those before the hole are written.
      if (!(index >= at && index < length)) continue;
      this.#holes(index - at);
      this.part(index, array[index]);
      at = index + 1;
    }
    this.#holes(length - at);
  }

  #holes(count: number): void {
    if (count === 0) return;
    this.bytes.tag(TAG.holes);
    this.bytes.number(count);
  }

  #special(object: object, prototype: object): void {
    const kind = specialKindOf(object, prototype);
    if (kind === 'plain') return this.#plain(object as Record<string, unknown>);
    if (kind === 'array') return this.#array(object as readonly unknown[]);
    if (kind) return kind(this, object);
    if (isError(object)) return writeError(this, object);
    throw this.refuse(refusalOf(this.#here(), object));
  }

  #here(): string {
    return pathOf(this.#what, this.#path.slice(0, this.#depth));
  }
}
