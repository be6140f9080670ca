import { isError } from './error-classes.ts';
import { readProperty } from './read-property.ts';

/** Of one recording, all causes together; characters are UTF-16 units. Encoded, it all stays far below 1 MiB. */
const LIMITS = { chars: 131_072, values: 2_000, depth: 8, string: 8_192, label: 100, bigintBits: 512n } as const;
const CUT = '[more was cut]';

/**
 * Copies what hangs on an error into values that can be encoded, all within one space. What does not fit, has no
 * encoding or throws when touched is replaced by a short description in brackets.
 */
export class Recording {
  #chars: number = LIMITS.chars;
  #values: number = LIMITS.values;
  #depth = 0;
  readonly #open = new Set<object>();
  readonly #copyError: (error: Error) => Error;

  constructor(copyError: (error: Error) => Error) {
    this.#copyError = copyError;
  }

  /** True while `object` is being recorded: meeting it again is a circle. */
  isOpen(object: object): boolean {
    return this.#open.has(object);
  }

  within(object: object, work: () => void): void {
    this.#open.add(object);
    work();
    this.#open.delete(object);
  }

  text(text: string, limit: number): string {
    const kept = cut(text, Math.min(limit, this.#chars));
    this.#chars -= kept.length;
    return kept;
  }

  /** Copies of the own enumerable fields, or undefined if there are none. */
  fields(object: object, isLeftOut: (key: string) => boolean): Record<string, unknown> | undefined {
    const kept: Record<string, unknown> = {};
    let count = 0;
    for (const key of keysOf(object)) {
      if (isLeftOut(key)) continue;
      if (this.#isFull() || this.#chars < key.length) break;
      this.#chars -= key.length;
      const value = this.#field(object, key);
      // Defined, not assigned: `__proto__` is a key like any other.
      Object.defineProperty(kept, key, { value, enumerable: true, writable: true, configurable: true });
      count++;
    }
    return count > 0 ? kept : undefined;
  }

  copy(value: unknown): unknown {
    if (this.#values-- <= 0) return CUT;
    if (typeof value === 'string') return this.text(value, LIMITS.string);
    if (typeof value === 'bigint') return isShort(value) ? value : '[bigint]';
    if (typeof value === 'symbol') return `[${cut(String(value), LIMITS.label)}]`;
    if (typeof value === 'function') return `[function ${label(value)}]`;
    if (typeof value !== 'object' || value === null) return value;
    if (this.#open.has(value)) return '[circular]';
    if (this.#depth >= LIMITS.depth) return CUT;
    this.#depth++;
    let copied: unknown;
    this.within(value, () => {
      try {
        copied = this.#object(value);
      } catch {
        copied = '[unreadable]';
      }
    });
    this.#depth--;
    return copied;
  }

  #field(object: object, key: string): unknown {
    let value: unknown;
    try {
      value = Reflect.get(object, key);
    } catch {
      return '[unreadable]';
    }
    return this.copy(value);
  }

  #object(value: object): unknown {
    if (isError(value)) return this.#copyError(value);
    if (Array.isArray(value)) return this.#items(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.fields(value, () => false) ?? {};
    if (value instanceof Date) return new Date(value.getTime());
    if (value instanceof URL) return this.#url(value);
    if (value instanceof Set) return new Set(this.#items(value));
    if (value instanceof Map) return this.#entries(value);
    if (ArrayBuffer.isView(value)) return this.#bytes(value);
    const constructor = readProperty(value, 'constructor');
    return `[${typeof constructor === 'function' ? label(constructor) : 'object'}]`;
  }

  #items(items: Iterable<unknown>): unknown[] {
    const kept: unknown[] = [];
    for (const item of items) {
      if (this.#isFull()) break;
      kept.push(this.copy(item));
    }
    return kept;
  }

  #entries(entries: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
    const kept = new Map<unknown, unknown>();
    for (const [key, value] of entries) {
      if (this.#isFull()) break;
      kept.set(this.copy(key), this.copy(value));
    }
    return kept;
  }

  #isFull(): boolean {
    return this.#values <= 0 || this.#chars <= 0;
  }

  #url(url: URL): unknown {
    if (url.href.length > this.#chars) return '[URL]';
    this.#chars -= url.href.length;
    return new URL(url.href);
  }

  #bytes(view: ArrayBufferView): unknown {
    if (view.byteLength > this.#chars) return `[${view.byteLength} bytes]`;
    this.#chars -= view.byteLength;
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  }
}

/** At most `limit` characters; the end says what is missing. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = `… (${text.length} characters)`;
  return limit <= note.length ? text.slice(0, limit) : text.slice(0, limit - note.length) + note;
}

function isShort(value: bigint): boolean {
  return (value < 0n ? ~value : value) >> LIMITS.bigintBits === 0n;
}

function label(named: object): string {
  const name = readProperty(named, 'name');
  return typeof name === 'string' && name !== '' ? cut(name, LIMITS.label) : 'anonymous';
}

function keysOf(object: object): readonly string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}
