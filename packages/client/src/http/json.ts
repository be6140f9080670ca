import { DfnsError } from '@dfnsjs/actor-core';
import type { RecordedCause, RecordedError } from '@dfnsjs/actor-core/values';
import { recordError, reviveError } from '@dfnsjs/actor-core/values';
import { base64Of, bytesOf, readBinary, type Binary } from './binary.ts';
import { PayloadReference } from './payload-reference.ts';

/** How rich values are written: `plain` for people and other languages, `tagged` so that all of them come back. */
export type Types = 'plain' | 'tagged';

/** The key of a tag: `{ "$dfns": TYPE, "value": … }`. */
const TAG = '$dfns';
/** Longer runs of holes are told by their length: an array of four billion holes is one number. */
const HOLES_AS_NULL = 1_000;
/** Values in a plain text: where an object comes again and again, later ones are told by reference. */
const PLAIN_VALUES = 1_000_000;
const MAX_ARRAY = 2 ** 32 - 1;

/**
 * A value as JSON text, whatever it holds; never throws for a value that a payload can hold. Plain: bigint is a string,
 * Date ISO, Map its entries, Set an array, bytes base64, NaN, Infinity and undefined null, what holds itself
 * `{ "$ref": PATH }`. Tagged: as `{ "$dfns": TYPE, "value" }`, and `fromTagged` gives it back.
 */
export function toJson(value: unknown, types: Types): string {
  const tree = types === 'plain' ? new PlainWriter().write(value, '#') : new TaggedWriter().write(value);
  return JSON.stringify(tree);
}

/** The value of what was parsed from tagged JSON. VALIDATION for a tag that does not exist or holds the wrong thing. */
export function fromTagged(json: unknown): unknown {
  return new TaggedReader().read(json);
}

/** An error as people read it: what is recorded of it, its causes included. */
export function plainError(record: RecordedError): Record<string, unknown> {
  const { name, message, code, stack, cause, errors, details, props } = record;
  return {
    ...props,
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined ? {} : { cause: plainCause(cause) }),
    ...(errors === undefined ? {} : { errors: errors.map(plainCause) }),
    ...(details === undefined ? {} : { details }),
  };
}

function plainCause(cause: RecordedCause): unknown {
  return 'value' in cause ? cause.value : plainError(cause);
}

class PlainWriter {
  /** Objects being written, with their paths. */
  readonly #open = new Map<object, string>();
  /** Where objects were first written, once there are too many values. */
  readonly #written = new Map<object, string>();
  #values = 0;

  write(value: unknown, path: string): unknown {
    this.#values++;
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : null;
      case 'bigint':
        return String(value);
      case 'object':
        return value === null ? null : this.#object(value, path);
      default:
        return null;
    }
  }

  #object(object: object, path: string): unknown {
    const known = this.#open.get(object) ?? (this.#values > PLAIN_VALUES ? this.#written.get(object) : undefined);
    if (known !== undefined) return { $ref: known };
    if (!this.#written.has(object)) this.#written.set(object, path);
    this.#open.set(object, path);
    try {
      return this.#parts(object, path);
    } finally {
      this.#open.delete(object);
    }
  }

  #parts(object: object, path: string): unknown {
    if (Array.isArray(object)) return this.#array(object, path);
    if (object instanceof Date) return Number.isNaN(object.getTime()) ? null : object.toISOString();
    if (object instanceof URL) return object.href;
    if (object instanceof Set) return [...object].map((item, index) => this.write(item, `${path}/${index}`));
    if (object instanceof Map) {
      return [...object].map(([key, value], index) => [
        this.write(key, `${path}/${index}/0`),
        this.write(value, `${path}/${index}/1`),
      ]);
    }
    const bytes = bytesOf(object);
    if (bytes) return base64Of(bytes.bytes);
    if (object instanceof Error) return this.#fields(plainError(recordError(object)), path);
    return this.#fields(object, path);
  }

  #array(array: readonly unknown[], path: string): unknown[] {
    const written: unknown[] = [];
    eachItem(
      array,
      (item, index) => written.push(this.write(item, `${path}/${index}`)),
      holes => {
        if (holes > HOLES_AS_NULL) written.push({ $holes: holes });
        else for (let i = 0; i < holes; i++) written.push(null);
      },
    );
    return written;
  }

  #fields(object: object, path: string): unknown {
    const written = {};
    for (const [key, value] of Object.entries(object)) {
      define(written, key, this.write(value, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`));
    }
    return written;
  }
}

class TaggedWriter {
  readonly #numbers = new Map<object, number>();

  write(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (Object.is(value, -0)) return tag('number', '-0');
        return Number.isFinite(value) ? value : tag('number', String(value));
      case 'bigint':
        return tag('bigint', String(value));
      case 'object':
        return value === null ? null : this.#object(value);
      default:
        return tag('undefined');
    }
  }

  #object(object: object): unknown {
    const known = this.#numbers.get(object);
    if (known !== undefined) return tag('ref', known);
    this.#numbers.set(object, this.#numbers.size);
    if (Array.isArray(object)) return this.#array(object);
    if (object instanceof Date) {
      return tag('Date', Number.isNaN(object.getTime()) ? null : object.toISOString());
    }
    if (object instanceof URL) return tag('URL', object.href);
    if (object instanceof Set) {
      return tag(
        'Set',
        [...object].map(item => this.write(item)),
      );
    }
    if (object instanceof Map) {
      return tag(
        'Map',
        [...object].map(([key, value]) => [this.write(key), this.write(value)]),
      );
    }
    const binary = bytesOf(object);
    if (binary) return tag(binary.type, base64Of(binary.bytes));
    // Nothing within an error is referred to from elsewhere.
    if (object instanceof Error) return tag('Error', new TaggedWriter().write(recordError(object)));
    if (object instanceof PayloadReference) return tag('payload', Object.fromEntries(Object.entries(object)));
    return this.#fields(object);
  }

  #array(array: readonly unknown[]): unknown[] {
    const written: unknown[] = [];
    eachItem(
      array,
      item => written.push(this.write(item)),
      holes => written.push(tag('holes', holes)),
    );
    return written;
  }

  #fields(object: object): unknown {
    const keys = Object.keys(object);
    // A body with an own `__proto__` is refused, and an own `$dfns` would be taken for a tag.
    if (keys.includes(TAG) || keys.includes('__proto__')) {
      return tag(
        'object',
        Object.entries(object).map(([key, value]) => [key, this.write(value)]),
      );
    }
    const written: Record<string, unknown> = {};
    for (const key of keys) written[key] = this.write((object as Record<string, unknown>)[key]);
    return written;
  }
}

class TaggedReader {
  /** In the order in which they were begun, as the writer numbered them. */
  readonly #objects: object[] = [];

  read(json: unknown): unknown {
    if (typeof json !== 'object' || json === null) return json;
    if (Array.isArray(json)) return this.#array(json);
    if (Object.hasOwn(json, TAG)) return this.#tagged(json as { readonly [TAG]: unknown; readonly value?: unknown });
    const object = this.#number({});
    for (const [key, value] of Object.entries(json)) define(object, key, this.read(value));
    return object;
  }

  #number<T extends object>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  #array(json: readonly unknown[]): unknown[] {
    const array: unknown[] = this.#number([]);
    for (const item of json) {
      const holes = holesOf(item);
      if (holes === undefined) array.push(this.read(item));
      else if (array.length + holes <= MAX_ARRAY) array.length += holes;
      else throw refused('holes', 'leaves more holes than an array has room for');
    }
    return array;
  }

  #tagged({ [TAG]: type, value }: { readonly [TAG]: unknown; readonly value?: unknown }): unknown {
    switch (type) {
      case 'undefined':
        return undefined;
      case 'number':
        return readNumber(value);
      case 'bigint':
        if (typeof value !== 'string' || !/^-?\d{1,400000}$/.test(value)) throw refused(type, 'must hold digits');
        return BigInt(value);
      case 'ref':
        // Of anything else an array has fields too: its length, its methods.
        if (!Number.isSafeInteger(value)) throw refused(type, 'must hold the number of an object before it');
        return this.#objects[value as number] ?? fail(type, 'must hold the number of an object before it');
      case 'Date':
        return this.#number(readDate(value));
      case 'URL':
        if (typeof value !== 'string' || !URL.canParse(value)) throw refused(type, 'must hold a URL');
        return this.#number(new URL(value));
      case 'Map':
        return this.#map(listOf(type, value));
      case 'Set': {
        const set = this.#number(new Set<unknown>());
        for (const item of listOf(type, value)) set.add(this.read(item));
        return set;
      }
      case 'object': {
        const object = this.#number({});
        for (const entry of listOf(type, value)) {
          const [key, field] = entryOf(type, entry);
          if (typeof key !== 'string') throw refused(type, 'must hold entries with string keys');
          define(object, key, this.read(field));
        }
        return object;
      }
      case 'Error':
        return this.#number(readError(value));
      case 'payload':
        return this.#number(readReference(value));
      case 'holes':
        throw refused(type, 'stands in arrays only');
      default: {
        const binary = typeof type === 'string' ? readBinary(type as Binary['type'], value) : undefined;
        if (!binary) throw refused(String(type), 'is no type, or does not hold base64 of its size');
        return this.#number(binary);
      }
    }
  }

  #map(entries: readonly unknown[]): Map<unknown, unknown> {
    const map = this.#number(new Map<unknown, unknown>());
    for (const entry of entries) {
      const [key, value] = entryOf('Map', entry);
      map.set(this.read(key), this.read(value));
    }
    return map;
  }
}

function tag(type: string, value?: unknown): unknown {
  return value === undefined ? { [TAG]: type } : { [TAG]: type, value };
}

/** Items by index, and runs of holes by their length, in order. */
function eachItem(
  array: readonly unknown[],
  item: (value: unknown, index: number) => void,
  holes: (count: number) => void,
): void {
  let next = 0;
  // Visits what is there: an array may be longer than any loop over its length.
  for (const key of Object.keys(array)) {
    const index = Number(key);
    if (!(index >= next && index < MAX_ARRAY)) break;
    if (index > next) holes(index - next);
    item(array[index], index);
    next = index + 1;
  }
  if (next < array.length) holes(array.length - next);
}

function holesOf(item: unknown): number | undefined {
  if (typeof item !== 'object' || item === null || (item as { [TAG]?: unknown })[TAG] !== 'holes') return undefined;
  const { value } = item as { value?: unknown };
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw refused('holes', 'must hold their number');
  return value as number;
}

function readNumber(value: unknown): number {
  switch (value) {
    case '-0':
      return -0;
    case 'NaN':
      return NaN;
    case 'Infinity':
      return Infinity;
    case '-Infinity':
      return -Infinity;
    default:
      throw refused('number', "must hold '-0', 'NaN', 'Infinity' or '-Infinity'");
  }
}

function readDate(value: unknown): Date {
  if (value === null) return new Date(NaN);
  const date = new Date(typeof value === 'string' ? value : NaN);
  if (Number.isNaN(date.getTime())) throw refused('Date', 'must hold an ISO string');
  return date;
}

function readReference(value: unknown): PayloadReference {
  const { ref, size, type, preview, encoding } = (value ?? {}) as Record<string, unknown>;
  if ([ref, type, preview, encoding].every(each => typeof each === 'string') && typeof size === 'number') {
    return new PayloadReference(value as PayloadReference);
  }
  throw refused('payload', 'must hold a reference');
}

function readError(value: unknown): Error {
  const record = new TaggedReader().read(value);
  if (!isErrorRecord(record)) throw refused('Error', 'must hold a name and a message');
  return reviveError(record);
}

function isErrorRecord(value: unknown): value is RecordedError {
  if (typeof value !== 'object' || value === null) return false;
  const { name, message, stack, code, props, cause, errors, classes } = value as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    typeof message === 'string' &&
    (stack === undefined || typeof stack === 'string') &&
    (code === undefined || typeof code === 'string' || typeof code === 'number') &&
    (props === undefined || (typeof props === 'object' && props !== null)) &&
    (cause === undefined || isCause(cause)) &&
    (errors === undefined || (Array.isArray(errors) && errors.every(isCause))) &&
    (classes === undefined || (Array.isArray(classes) && classes.every(each => typeof each === 'string')))
  );
}

function isCause(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Object.hasOwn(value, 'value') || isErrorRecord(value));
}

function listOf(type: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw refused(type, 'must hold an array');
  return value;
}

function entryOf(type: string, entry: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(entry) || entry.length !== 2) throw refused(type, 'must hold pairs');
  return entry as unknown as readonly [unknown, unknown];
}

function define(object: object, key: string, value: unknown): void {
  if (key !== '__proto__') (object as Record<string, unknown>)[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function refused(type: string, why: string): DfnsError {
  return new DfnsError('VALIDATION', `A tag { "$dfns": ${JSON.stringify(type.slice(0, 40))} } ${why}.`);
}

function fail(type: string, why: string): never {
  throw refused(type, why);
}
