/** Why bytes are no values that a frame holds; undefined: they are. */
export type ScanProblem =
  'it ends too early' | 'nested too deep' | 'too many values' | 'a kind of value that no frame has';

/**
 * Looks at MessagePack before it is decoded: a length of a few bytes can ask for gigabytes, and extensions make what no
 * frame has. Only null, booleans, numbers, strings, bytes and arrays pass; one value, to the end of the bytes.
 */
export function scan(bytes: Uint8Array, from: number, bounds: ScanBounds): ScanProblem | undefined {
  // How many values each open array still wants.
  const wanted: number[] = [1];
  let at = from;
  let values = 0;
  while (wanted.length > 0) {
    const open = wanted.length - 1;
    if (wanted[open] === 0) {
      wanted.pop();
      continue;
    }
    wanted[open]!--;
    if (++values > bounds.values) return 'too many values';
    if (at >= bytes.length) return 'it ends too early';
    const token = bytes[at++]!;
    const head = HEAD[token]!;
    if (head === REFUSED) return 'a kind of value that no frame has';
    if (at + head > bytes.length) return 'it ends too early';
    const length = lengthBehind(bytes, at, token);
    at += head;
    if (isArray(token)) {
      if (wanted.length > bounds.depth) return 'nested too deep';
      // Each value takes a byte at least.
      if (length > bytes.length - at) return 'it ends too early';
      wanted.push(length);
    } else if (length > bytes.length - at) return 'it ends too early';
    else at += length;
  }
  return at === bytes.length ? undefined : 'a kind of value that no frame has';
}

export interface ScanBounds {
  readonly values: number;
  readonly depth: number;
}

const REFUSED = 255;
/** How many bytes behind a token belong to it itself: a number, or a length. */
const HEAD = new Uint8Array(256).fill(REFUSED);
// Small numbers, null, booleans, short arrays and strings.
HEAD.fill(0, 0x00, 0x80).fill(0, 0xe0, 0x100).fill(0, 0x90, 0xc1).fill(0, 0xc2, 0xc4);
// Bytes, floats, unsigned, signed, strings, arrays.
HEAD.set([1, 2, 4], 0xc4);
HEAD.set([4, 8, 1, 2, 4, 8, 1, 2, 4, 8], 0xca);
HEAD.set([1, 2, 4], 0xd9);
HEAD.set([2, 4], 0xdc);

const isArray = (token: number): boolean => (token & 0xf0) === 0x90 || token === 0xdc || token === 0xdd;

/** Of an array its values, of a string or bytes its bytes, else 0. */
function lengthBehind(bytes: Uint8Array, at: number, token: number): number {
  if ((token & 0xf0) === 0x90) return token & 0x0f;
  if ((token & 0xe0) === 0xa0) return token & 0x1f;
  switch (token) {
    case 0xc4:
    case 0xd9:
      return bytes[at]!;
    case 0xc5:
    case 0xda:
    case 0xdc:
      return bytes[at]! * 0x100 + bytes[at + 1]!;
    case 0xc6:
    case 0xdb:
    case 0xdd:
      return ((bytes[at]! * 0x100 + bytes[at + 1]!) * 0x100 + bytes[at + 2]!) * 0x100 + bytes[at + 3]!;
    default:
      return 0;
  }
}
