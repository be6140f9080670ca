import { asciiOf } from './ascii.ts';

const SLOTS = 1_024;
/** Longer keys are made anew each time. */
const MAX_CACHED = 32;

/** Keys that came lately, so that equal keys of many payloads are one string that V8 has hashed already. */
const slots = new Array<string>(SLOTS).fill('');

/** The ASCII string of `bytes` from `at` to `end`, or undefined if one is not ASCII. */
export function keyOf(bytes: Uint8Array, at: number, end: number): string | undefined {
  const length = end - at;
  if (length > MAX_CACHED || length === 0) return asciiOf(bytes, at, end);
  const first = bytes[at] as number;
  const middle = bytes[at + (length >> 1)] as number;
  const last = bytes[end - 1] as number;
  const slot = (length * 31 + first * 7 + middle * 61 + last * 17) & (SLOTS - 1);
  const cached = slots[slot] as string;
  if (cached.length === length && isTextOf(cached, bytes, at)) return cached;
  const key = asciiOf(bytes, at, end);
  if (key !== undefined) slots[slot] = key;
  return key;
}

function isTextOf(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}
