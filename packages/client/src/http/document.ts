import { DfnsError } from '@dfnsjs/actor-core';
import { decode, decodeError, encode, encodeError, parseInstant, type Payload } from '@dfnsjs/actor-core/values';
import type { z } from 'zod';
import { instant, payload, recordedError } from '../operations/payload.ts';

/**
 * What an operation takes or gives, as JSON shows it: payloads are values, recorded errors are Errors, instants are
 * Dates, maps are objects. The schema says where they are.
 */
export interface DocumentShape {
  /** What the schema says → document. */
  write(value: unknown): unknown;
  /** Document → what the schema says. VALIDATION names the field of an instant that is none, or a value too large. */
  read(document: unknown, what: string): unknown;
}

type Schema = z.ZodType;

const shapes = new WeakMap<Schema, DocumentShape>();

/** The shape of a schema; made once. */
export function shapeOf(schema: Schema): DocumentShape {
  let shape = shapes.get(schema);
  if (!shape) shapes.set(schema, (shape = makeShape(schema)));
  return shape;
}

/** True where document and value are one. */
export function isPlain(schema: Schema): boolean {
  return shapeOf(schema) === PLAIN;
}

const PLAIN: DocumentShape = { write: value => value, read: document => document };

const PAYLOAD: DocumentShape = {
  write: value => decode(value as Payload),
  read: (document, what) => encode(document, what),
};

/** One that may be absent: then nothing stands for it, not even undefined. */
const OPTIONAL_PAYLOAD: DocumentShape = { ...PAYLOAD };

const ERROR: DocumentShape = {
  write: value => decodeError(value as Payload),
  read: document => encodeError(document),
};

const INSTANT: DocumentShape = {
  write: value => new Date(value as number),
  read: (document, what) => parseInstant(document, what),
};

function makeShape(schema: Schema): DocumentShape {
  if (schema === payload) return PAYLOAD;
  if (schema === recordedError) return ERROR;
  if (schema === instant) return INSTANT;
  const { def } = schema as Schema & { readonly def: Definition };
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
      return whereGiven(shapeOf(def.innerType!));
    case 'array':
      return arrayShape(shapeOf(def.element!));
    case 'object':
      return objectShape(def.shape!);
    case 'map':
      return MAP;
    default:
      return PLAIN;
  }
}

/** What is read of zod's own description of a schema. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
}

function whereGiven(inner: DocumentShape): DocumentShape {
  if (inner === PLAIN) return PLAIN;
  // An optional payload that is there may well be undefined in the document; a field that is absent is not asked.
  if (inner === PAYLOAD) return OPTIONAL_PAYLOAD;
  return {
    write: value => (value === undefined || value === null ? value : inner.write(value)),
    read: (document, what) => (document === undefined || document === null ? document : inner.read(document, what)),
  };
}

function arrayShape(element: DocumentShape): DocumentShape {
  if (element === PLAIN) return PLAIN;
  return {
    write: value => (value as readonly unknown[]).map(each => element.write(each)),
    read: (document, what) => list(document, what).map((each, index) => element.read(each, `${what}[${index}]`)),
  };
}

function objectShape(fields: Readonly<Record<string, Schema>>): DocumentShape {
  const special = new Map<string, DocumentShape>();
  for (const [name, schema] of Object.entries(fields)) {
    const shape = shapeOf(schema);
    if (shape !== PLAIN) special.set(name, shape);
  }
  if (special.size === 0) return PLAIN;
  return {
    write: value => eachField(value as object, special, (shape, field) => shape.write(field), true),
    read: (document, what) => {
      const read = eachField(
        record(document, what),
        special,
        (shape, field, name) => shape.read(field, `${what}.${name}`),
        false,
      );
      // A value that is not given is undefined, as an empty body is.
      for (const [name, shape] of special) if (shape === PAYLOAD && !(name in read)) read[name] = encode(undefined);
      return read;
    },
  };
}

/** Names of fields are the schema's, so none of them is `__proto__`; a document with others keeps them as they are. */
function eachField(
  object: object,
  special: ReadonlyMap<string, DocumentShape>,
  convert: (shape: DocumentShape, field: unknown, name: string) => unknown,
  leaveOut: boolean,
): Record<string, unknown> {
  const converted: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(object)) {
    // A field of an answer that is undefined is not there; what payloads hold is another thing.
    if (leaveOut && field === undefined) continue;
    const shape = special.get(name);
    Object.defineProperty(converted, name, {
      value: shape ? convert(shape, field, name) : field,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return converted;
}

const MAP: DocumentShape = {
  write: value => Object.fromEntries(value as ReadonlyMap<string, unknown>),
  read: (document, what) => new Map(Object.entries(record(document, what))),
};

function list(document: unknown, what: string): readonly unknown[] {
  if (Array.isArray(document)) return document;
  throw new DfnsError('VALIDATION', `${what} must be an array.`);
}

function record(document: unknown, what: string): object {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  throw new DfnsError('VALIDATION', `${what} must be an object.`);
}
