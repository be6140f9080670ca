import { validation } from '../errors/dfns-error.ts';
import { BYTE_TEXT } from './runtime-byte-text.ts';

/** Bytes as text that JSON can hold. */
export function toBase64(bytes: Uint8Array): string {
  return BYTE_TEXT.base64(bytes);
}

/** What `toBase64` gave; `what` is named in the VALIDATION that anything else is. */
export function fromBase64(text: unknown, what: string): Uint8Array {
  if (typeof text !== 'string') throw validation(`${what} must be base64, got ${typeof text}.`);
  const bytes = BYTE_TEXT.base64Bytes(text);
  if (!bytes) throw validation(`${what} is no base64, or was cut off.`);
  return bytes;
}
