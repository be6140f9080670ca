import { Buffer } from 'node:buffer';
import { validation } from '../errors/dfns-error.ts';

/** Bytes as text that JSON can hold. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** What `toBase64` gave; `what` is named in the VALIDATION that anything else is. */
export function fromBase64(text: unknown, what: string): Uint8Array {
  if (typeof text !== 'string') throw validation(`${what} must be base64, got ${typeof text}.`);
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips what is no base64: only what gives the same text again was read whole.
  if (bytes.toString('base64') !== text) throw validation(`${what} is no base64, or was cut off.`);
  return new Uint8Array(bytes);
}
