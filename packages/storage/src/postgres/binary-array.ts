import { packText } from './text.ts';

/**
 * Arrays as Postgres receives them in binary: a client that is given a Buffer sends it as it is. As text each byte of
 * a `bytea[]` would be two hex digits, and strings would have to be escaped.
 */
export type Element = 'integer' | 'bigint' | 'double' | 'boolean' | 'text' | 'bytea';

const OIDS: Readonly<Record<Element, number>> = {
  boolean: 16,
  bytea: 17,
  bigint: 20,
  integer: 23,
  text: 25,
  double: 701,
};
/** Of elements whose length is the same for all. */
const WIDTHS: Readonly<Partial<Record<Element, number>>> = { boolean: 1, integer: 4, bigint: 8, double: 8 };

/** Dimensions, whether there are nulls, type, length, index of the first. */
const HEADER_BYTES = 20;
const UINT32 = 2 ** 32;

export type ElementValue = number | boolean | string | Uint8Array | null;

/** null for no elements: a statement sees by it that there is nothing to do. */
export function packArray(element: Element, given: readonly ElementValue[]): Buffer | null {
  if (given.length === 0) return null;
  const values = element === 'text' ? given.map(packed) : given;
  const width = WIDTHS[element];
  let total = HEADER_BYTES + 4 * values.length;
  let nulls = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) nulls = 1;
    else total += width ?? sizeOf(values[i]!);
  }
  const buffer = Buffer.allocUnsafe(total);
  let at = writeHeader(buffer, nulls, OIDS[element], values.length);
  for (let i = 0; i < values.length; i++) at = writeValue(buffer, element, values[i]!, at);
  return buffer;
}

/** Rows of a composite type, whose number is `type`: its fields in their order. null for no rows. */
export function packRows(
  type: number,
  elements: readonly Element[],
  given: readonly (readonly ElementValue[])[],
): Buffer | null {
  if (given.length === 0) return null;
  const sizes: number[] = [];
  const values: ElementValue[] = [];
  let total = HEADER_BYTES;
  for (const row of given) {
    let size = 4;
    for (let j = 0; j < row.length; j++) {
      const value = elements[j] === 'text' ? packed(row[j]!) : row[j]!;
      values.push(value);
      size += fieldBytes(elements[j]!, value);
    }
    sizes.push(size);
    total += 4 + size;
  }
  const buffer = Buffer.allocUnsafe(total);
  let at = writeHeader(buffer, 0, type, given.length);
  for (let i = 0; i < given.length; i++) {
    at = buffer.writeInt32BE(sizes[i]!, at);
    at = buffer.writeInt32BE(elements.length, at);
    for (let j = 0; j < elements.length; j++) {
      at = buffer.writeInt32BE(OIDS[elements[j]!], at);
      at = writeValue(buffer, elements[j]!, values[i * elements.length + j]!, at);
    }
  }
  return buffer;
}

const packed = (value: ElementValue): ElementValue => (typeof value === 'string' ? packText(value) : value);

const fieldBytes = (element: Element, value: ElementValue): number =>
  8 + (value === null ? 0 : (WIDTHS[element] ?? sizeOf(value)));

function writeHeader(buffer: Buffer, nulls: number, type: number, length: number): number {
  let at = buffer.writeInt32BE(1, 0);
  at = buffer.writeInt32BE(nulls, at);
  at = buffer.writeUInt32BE(type, at);
  at = buffer.writeInt32BE(length, at);
  return buffer.writeInt32BE(1, at);
}

function writeValue(buffer: Buffer, element: Element, value: ElementValue, at: number): number {
  if (value === null) return buffer.writeInt32BE(-1, at);
  return write(buffer, element, value, buffer.writeInt32BE(WIDTHS[element] ?? sizeOf(value), at));
}

function sizeOf(value: ElementValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.byteLength : 0;
}

function write(buffer: Buffer, element: Element, value: NonNullable<ElementValue>, at: number): number {
  if (typeof value === 'string') return at + buffer.write(value, at);
  if (value instanceof Uint8Array) {
    buffer.set(value, at);
    return at + value.byteLength;
  }
  switch (element) {
    case 'double':
      return buffer.writeDoubleBE(Number(value), at);
    case 'bigint': {
      // Whole numbers below 2^53 in two halves: a BigInt for each would cost more than all the rest.
      const high = Math.floor(Number(value) / UINT32);
      return buffer.writeUInt32BE(Number(value) - high * UINT32, buffer.writeInt32BE(high, at));
    }
    case 'boolean':
      return buffer.writeUInt8(value ? 1 : 0, at);
    default:
      return buffer.writeInt32BE(Number(value), at);
  }
}
