import type { RecordedCause, RecordedError } from '../errors/recorded-error.ts';
import { reviveError } from '../errors/revive-error.ts';
import type { ByteReader } from './byte-reader.ts';
import { BYTE_TEXT } from './runtime-byte-text.ts';
import { BINARIES, EXT } from './format.ts';

/** Of a reader of values, what the kinds in here need. */
export interface PartReader {
  readonly bytes: ByteReader;
  value(): unknown;
  /** Notes an object that later values may refer to. */
  number<T extends object>(object: T): T;
}

/** An extension: a bigint, a string in UTF-16 or a binary. */
export function readExt(reader: PartReader, token: number): unknown {
  const { bytes } = reader;
  const size = bytes.extSize(token);
  if (size === undefined) throw bytes.broken(`an unknown token ${token}`);
  const type = bytes.byte();
  if (type === EXT.utf16) return bytes.utf16(size);
  if (type === EXT.bigint) return bigintOf(bytes, bytes.copy(size));
  const name = BINARIES[type - EXT.binary];
  if (name === undefined) throw bytes.broken(`an unknown extension ${type}`);
  return reader.number(binaryOf(bytes, name, bytes.copy(size).buffer));
}

export function readUrl(bytes: ByteReader): URL {
  const text = bytes.textAfter(bytes.byte());
  if (text === undefined || !URL.canParse(text)) throw bytes.broken('a URL is missing');
  return new URL(text);
}

export function readError(reader: PartReader): Error {
  const record = reader.value();
  if (!isRecordedError(record)) throw reader.bytes.broken('the record of an error is missing');
  return reviveError(record);
}

function bigintOf(bytes: ByteReader, data: Uint8Array<ArrayBuffer>): bigint {
  if (data.length < 2 || (data[0] as number) > 1) throw bytes.broken('a bigint is missing');
  const hex = `0x${BYTE_TEXT.hex(data.subarray(1))}`;
  return data[0] === 1 ? -BigInt(hex) : BigInt(hex);
}

function binaryOf(bytes: ByteReader, name: (typeof BINARIES)[number], buffer: ArrayBuffer): object {
  if (name === 'ArrayBuffer') return buffer;
  const BinaryView: unknown = Reflect.get(globalThis, name);
  if (typeof BinaryView !== 'function') throw bytes.broken(`this runtime has no ${name}`);
  try {
    return Reflect.construct(BinaryView, [buffer]) as object;
  } catch (error) {
    throw bytes.broken(`no ${name} has this size`, error);
  }
}

/** True only of plain records all through, however deep their causes. */
function isRecordedError(value: unknown): value is RecordedError {
  if (!isPlain(value)) return false;
  const { name, message, stack, code, props, cause, errors, classes } = value;
  return (
    typeof name === 'string' &&
    typeof message === 'string' &&
    (stack === undefined || typeof stack === 'string') &&
    (code === undefined || typeof code === 'string' || typeof code === 'number') &&
    (props === undefined || isPlain(props)) &&
    (cause === undefined || isRecordedCause(cause)) &&
    (errors === undefined || (Array.isArray(errors) && errors.every(isRecordedCause))) &&
    (classes === undefined || (Array.isArray(classes) && classes.every(each => typeof each === 'string')))
  );
}

function isRecordedCause(value: unknown): value is RecordedCause {
  return isPlain(value) && (Object.hasOwn(value, 'value') || isRecordedError(value));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
