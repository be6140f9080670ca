import { recordError } from '../errors/recorded-error.ts';
import { BYTE_TEXT } from './runtime-byte-text.ts';
import type { ByteWriter } from './byte-writer.ts';
import { BINARIES, EXT, TAG } from './format.ts';
import type { Step } from './refusal.ts';

/** Of a walk over a value, what the kinds in here need. */
export interface PartWriter {
  readonly bytes: ByteWriter;
  /** Writes a part of a value, one step further down its path. */
  part(step: Step, value: unknown): void;
  /** Writes a value that nothing can refer back to. */
  unnumbered(value: unknown): void;
  /** Refuses an object with fields of its own, which would be lost. */
  expectNoFields(object: object): void;
}

export type WriteKind = (writer: PartWriter, value: object) => void;

/** How the kinds that are neither plain objects nor arrays are written, by their exact prototype. */
const KINDS = new Map<object, WriteKind>([
  [Date.prototype, (writer, value) => writeDate(writer, value as Date)],
  [Map.prototype, (writer, value) => writeMap(writer, value as Map<unknown, unknown>)],
  [Set.prototype, (writer, value) => writeSet(writer, value as Set<unknown>)],
  [URL.prototype, (writer, value) => writeUrl(writer, value as URL)],
  [Uint8Array.prototype, (writer, value) => writer.bytes.bin(bytesOf(value))],
]);
const buffer = prototypeNamed('Buffer');
if (buffer) KINDS.set(buffer, (writer, value) => writer.bytes.bin(bytesOf(value)));
BINARIES.forEach((name, index) => {
  const prototype = prototypeNamed(name);
  if (prototype) KINDS.set(prototype, (writer, value) => writer.bytes.ext(EXT.binary + index, bytesOf(value)));
});

/** The kind of an object by its prototype; an instance of a subclass has none. */
export function specialKindOf(object: object, prototype: object): WriteKind | 'plain' | 'array' | undefined {
  return KINDS.get(prototype) ?? kindOfOtherRealm(object, prototype);
}

/** Objects of another realm (`node:vm`, and test runners that use it) have prototypes of their own. */
function kindOfOtherRealm(object: object, prototype: object): WriteKind | 'plain' | 'array' | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  const ours = typeof constructor === 'function' ? prototypeNamed(constructor.name) : undefined;
  if (!ours || ours === prototype || heightOf(ours) !== heightOf(prototype)) return undefined;
  if (rootOf(prototype) === Object.prototype) return undefined;
  if (ours === Object.prototype) return 'plain';
  return ours === Array.prototype && Array.isArray(object) ? 'array' : KINDS.get(ours);
}

export function writeBigint(bytes: ByteWriter, value: bigint): void {
  const hex = (value < 0n ? -value : value).toString(16);
  bytes.ext(EXT.bigint, BYTE_TEXT.hexBytes((value < 0n ? '01' : '00') + (hex.length % 2 ? '0' : '') + hex));
}

export function writeError(writer: PartWriter, error: Error): void {
  writer.bytes.tag(TAG.error);
  writer.unnumbered(recordError(error));
}

function writeDate(writer: PartWriter, date: Date): void {
  const ms = date.getTime();
  writer.expectNoFields(date);
  writer.bytes.tag(TAG.date);
  writer.bytes.float(ms);
}

function writeUrl(writer: PartWriter, url: URL): void {
  writer.expectNoFields(url);
  writer.bytes.tag(TAG.url);
  writer.bytes.text(url.href);
}

function writeMap(writer: PartWriter, map: ReadonlyMap<unknown, unknown>): void {
  writer.expectNoFields(map);
  const entries = [...map];
  writer.bytes.tag(TAG.map);
  writer.bytes.number(entries.length);
  entries.forEach(([key, value], index) => {
    writer.part({ of: 'key', at: index }, key);
    writer.part({ of: 'value', at: key }, value);
  });
}

function writeSet(writer: PartWriter, set: ReadonlySet<unknown>): void {
  writer.expectNoFields(set);
  const items = [...set];
  writer.bytes.tag(TAG.set);
  writer.bytes.number(items.length);
  items.forEach((item, index) => writer.part({ of: 'item', at: index }, item));
}

/** Throws for what is detached or only looks like a binary. */
function bytesOf(binary: object): Uint8Array {
  if (ArrayBuffer.isView(binary)) return new Uint8Array(binary.buffer, binary.byteOffset, binary.byteLength);
  const buffer = binary as ArrayBuffer;
  return new Uint8Array(buffer, 0, buffer.byteLength);
}

function prototypeNamed(name: string): object | undefined {
  const constructor: unknown = Reflect.get(globalThis, name);
  return typeof constructor === 'function' ? (constructor.prototype as object | undefined) : undefined;
}

function heightOf(prototype: object): number {
  let height = 0;
  for (let at = Object.getPrototypeOf(prototype); at !== null; at = Object.getPrototypeOf(at)) height++;
  return height;
}

function rootOf(prototype: object): object {
  let root = prototype;
  for (let at = Object.getPrototypeOf(root); at !== null; at = Object.getPrototypeOf(at)) root = at;
  return root;
}
