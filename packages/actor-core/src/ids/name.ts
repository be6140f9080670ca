import { BOUNDS } from '../bounds.ts';
import { validation } from '../errors/dfns-error.ts';

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const LONE_SURROGATE = /[\ud800-\udfff]/u;

function parseText(value: unknown, what: string, maxBytes: number): string {
  if (typeof value !== 'string') throw validation(`${what} must be a string, got ${typeof value}.`);
  if (value.length === 0) throw validation(`${what} must not be empty.`);
  // A UTF-16 unit is at most three bytes of UTF-8, so short strings need no count.
  if (value.length * 3 > maxBytes) {
    const bytes = utf8Length(value);
    if (bytes > maxBytes) throw validation(`${what} must be at most ${maxBytes} bytes of UTF-8, got ${bytes}.`);
  }
  if (CONTROL.test(value)) throw validation(`${what} must not contain control characters.`);
  if (LONE_SURROGATE.test(value)) throw validation(`${what} must be well-formed Unicode.`);
  return value;
}

/** Bytes of a string in UTF-8, counted without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** Names found good: a program has few, and names the same ones in each step. */
const KNOWN_NAMES = 1_024;
const known = new Set<string>();

/** Checks the name of a workflow, task, signal, query, update or attribute: 1 to 128 bytes, no control characters. */
export function parseName(value: unknown, what: string): string {
  if (typeof value === 'string' && known.has(value)) return value;
  const name = parseText(value, what, BOUNDS.nameBytes);
  if (known.size < KNOWN_NAMES) known.add(name);
  return name;
}

/** Checks an execution id or namespace: 1 to 512 bytes of UTF-8 without control characters. */
export function parseId(value: unknown, what: string): string {
  return parseText(value, what, BOUNDS.idBytes);
}
