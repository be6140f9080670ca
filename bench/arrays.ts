/** Arrays as Postgres takes them in binary: a ceiling that sent them as text would be a low one. */
export type Element = 'integer' | 'bigint' | 'double precision' | 'text' | 'bytea';
export type ElementValue = number | string | Uint8Array | null;

const OIDS: Readonly<Record<Element, number>> = {
  bytea: 17,
  bigint: 20,
  integer: 23,
  text: 25,
  'double precision': 701,
};

/** null for none, as `unnest` takes it. */
export function packArray(element: Element, values: readonly ElementValue[]): Buffer | null {
  if (values.length === 0) return null;
  const parts = values.map(value => (value === null ? null : pack(element, value)));
  const buffer = Buffer.allocUnsafe(20 + parts.reduce((sum, part) => sum + 4 + (part?.length ?? 0), 0));
  let at = 0;
  for (const word of [1, parts.includes(null) ? 1 : 0, OIDS[element], values.length, 1]) {
    at = buffer.writeInt32BE(word, at);
  }
  for (const part of parts) {
    at = buffer.writeInt32BE(part?.length ?? -1, at);
    if (part) at += part.copy(buffer, at);
  }
  return buffer;
}

function pack(element: Element, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const wide = Buffer.allocUnsafe(element === 'integer' ? 4 : 8);
  if (element === 'integer') wide.writeInt32BE(value);
  else if (element === 'double precision') wide.writeDoubleBE(value);
  else wide.writeUInt32BE(value % 2 ** 32, wide.writeInt32BE(Math.floor(value / 2 ** 32)));
  return wide;
}
