const { fromCharCode } = String;

/** The string of `bytes` from `at` to `end`, or undefined if one is not ASCII. Beats a call of Buffer up to 32 bytes. */
export function asciiOf(bytes: Uint8Array, at: number, end: number): string | undefined {
  let bits = 0;
  for (let i = at; i < end; i++) bits |= bytes[i] as number;
  if (bits > 0x7f) return undefined;
  let text = '';
  let i = at;
  for (; i + 8 <= end; i += 8) {
    text += fromCharCode(
      bytes[i] as number,
      bytes[i + 1] as number,
      bytes[i + 2] as number,
      bytes[i + 3] as number,
      bytes[i + 4] as number,
      bytes[i + 5] as number,
      bytes[i + 6] as number,
      bytes[i + 7] as number,
    );
  }
  if (i + 4 <= end) {
    text += fromCharCode(bytes[i] as number, bytes[i + 1] as number, bytes[i + 2] as number, bytes[i + 3] as number);
    i += 4;
  }
  for (; i < end; i++) text += fromCharCode(bytes[i] as number);
  return text;
}
