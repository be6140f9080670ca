import { DfnsError } from '@dfnsjs/actor-core';
import { decode, decodeError, encode, encodeError, parseInstant, type Payload } from '@dfnsjs/actor-core/values';

/**
 * What an operation takes or gives, as JSON shows it: payloads are values, recorded errors are Errors, instants are
 * Dates, maps are objects.
 */
export interface DocumentShape {
  /** What the operation takes or gives → document. */
  write(value: unknown): unknown;
  /** The reverse. VALIDATION names the field of an instant that is none, or a value too large. */
  read(document: unknown, what: string): unknown;
}

/** Document and value are one. */
export const PLAIN: DocumentShape = { write: value => value, read: document => document };

/** A field of it that a document does not give is undefined, as an empty body is. */
export const PAYLOAD: DocumentShape = {
  write: value => decode(value as Payload),
  read: (document, what) => encode(document, what),
};

/** One that may be absent: then nothing stands for it, not even undefined. */
export const PAYLOAD_IF_GIVEN: DocumentShape = {
  write: value => PAYLOAD.write(value),
  read: (document, what) => PAYLOAD.read(document, what),
};

export const ERROR: DocumentShape = {
  write: value => decodeError(value as Payload),
  read: document => encodeError(document),
};

export const INSTANT: DocumentShape = {
  write: value => new Date(value as number),
  read: (document, what) => parseInstant(document, what),
};

export const MAP: DocumentShape = {
  write: value => Object.fromEntries(value as ReadonlyMap<string, unknown>),
  read: (document, what) => new Map(Object.entries(record(document, what))),
};

/** A value that may be absent, or null. */
export class IfGiven implements DocumentShape {
  readonly inner: DocumentShape;

  constructor(inner: DocumentShape) {
    this.inner = inner;
  }

  write(value: unknown): unknown {
    return isNothing(value) ? value : this.inner.write(value);
  }

  read(document: unknown, what: string): unknown {
    return isNothing(document) ? document : this.inner.read(document, what);
  }
}

export class ListOf implements DocumentShape {
  readonly element: DocumentShape;

  constructor(element: DocumentShape) {
    this.element = element;
  }

  write(value: unknown): unknown {
    return (value as readonly unknown[]).map(each => this.element.write(each));
  }

  read(document: unknown, what: string): unknown {
    return list(document, what).map((each, index) => this.element.read(each, `${what}[${index}]`));
  }
}

/** An object: its plain fields need no mention. */
export class ObjectWith implements DocumentShape {
  readonly fields: ReadonlyMap<string, DocumentShape>;

  constructor(fields: Readonly<Record<string, DocumentShape>>) {
    this.fields = new Map(Object.entries(fields));
  }

  write(value: unknown): unknown {
    return this.#each(value as object, (shape, field) => shape.write(field), true);
  }

  read(document: unknown, what: string): unknown {
    const convert = (shape: DocumentShape, field: unknown, name: string) => shape.read(field, `${what}.${name}`);
    const read = this.#each(record(document, what), convert, false);
    for (const [name, shape] of this.fields) if (shape === PAYLOAD && !(name in read)) read[name] = encode(undefined);
    return read;
  }

  /** Names of fields are ours, so none of them is `__proto__`; a document with others keeps them as they are. */
  #each(
    object: object,
    convert: (shape: DocumentShape, field: unknown, name: string) => unknown,
    leaveOut: boolean,
  ): Record<string, unknown> {
    const converted: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(object)) {
      // A field of an answer that is undefined is not there; what payloads hold is another thing.
      if (leaveOut && field === undefined) continue;
      const shape = this.fields.get(name);
      Object.defineProperty(converted, name, {
        value: shape ? convert(shape, field, name) : field,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return converted;
  }
}

function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function list(document: unknown, what: string): readonly unknown[] {
  if (Array.isArray(document)) return document;
  throw new DfnsError('VALIDATION', `${what} must be an array.`);
}

function record(document: unknown, what: string): object {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  throw new DfnsError('VALIDATION', `${what} must be an object.`);
}
