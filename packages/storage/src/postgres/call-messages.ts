import { packText } from './text.ts';

export type Scalar = string | number | boolean | Buffer | null;

const BIND = 0x42;
const EXECUTE = 0x45;
const SYNC = 0x53;
const TEXT = 0;
const BINARY = 1;
/** Code, length, portal, rows; code, length. */
const EXECUTE_BYTES = 10;
const SYNC_BYTES = 5;

/**
 * Bind, Execute and Sync of a prepared statement, on the unnamed portal, as the messages of Postgres' protocol 3: Buffers
 * as binary, all else as text, and text as the answer. One Buffer: each further one that goes into a write costs it more
 * than what stands in it, and large batches are copied once.
 */
export function packCall(statement: string, given: readonly Scalar[]): Buffer {
  const values = given.map(toWire);
  let bind = 4 + 1 + Buffer.byteLength(statement) + 1 + 2 + 2 * values.length + 2 + 4 * values.length + 4;
  for (const value of values) bind += value === null ? 0 : Buffer.byteLength(value);
  const buffer = Buffer.allocUnsafe(1 + bind + EXECUTE_BYTES + SYNC_BYTES);
  let at = buffer.writeUInt8(BIND, 0);
  at = buffer.writeInt32BE(bind, at);
  at = buffer.writeUInt8(0, at);
  at += buffer.write(statement, at);
  at = buffer.writeUInt8(0, at);
  at = buffer.writeInt16BE(values.length, at);
  for (const value of values) at = buffer.writeInt16BE(Buffer.isBuffer(value) ? BINARY : TEXT, at);
  at = buffer.writeInt16BE(values.length, at);
  for (const value of values) at = writeValue(buffer, value, at);
  at = buffer.writeInt16BE(1, at);
  at = buffer.writeInt16BE(TEXT, at);
  at = buffer.writeUInt8(EXECUTE, at);
  at = buffer.writeInt32BE(EXECUTE_BYTES - 1, at);
  at = buffer.writeUInt8(0, at);
  // All rows.
  at = buffer.writeInt32BE(0, at);
  at = buffer.writeUInt8(SYNC, at);
  buffer.writeInt32BE(SYNC_BYTES - 1, at);
  return buffer;
}

function writeValue(buffer: Buffer, value: string | Buffer | null, at: number): number {
  if (value === null) return buffer.writeInt32BE(-1, at);
  const start = at + 4;
  const length = typeof value === 'string' ? buffer.write(value, start) : value.copy(buffer, start);
  buffer.writeInt32BE(length, at);
  return start + length;
}

function toWire(value: Scalar): string | Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value;
  return typeof value === 'string' ? packText(value) : String(value);
}
