const LINE_FEED = 0x0a;
/** Carriage return, space, tab: around a line they are nothing. */
const BLANK = new Set([0x0d, 0x20, 0x09]);

/** A line of a body. */
export interface Line {
  /** From 1; lines that are blank count, and are not given. */
  readonly number: number;
  /** undefined for one that is longer than the limit, of which nothing is kept. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * The lines of a body, as they come. Holds one line of at most `limitBytes` at a time, and whatever chunk is being read.
 * The last line needs no line feed.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Line, void, undefined> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array) => {
    size += part.length;
    if (size > limitBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const end = (): Line => {
    const line = { number: number++, bytes: size > limitBytes ? undefined : join(parts, size) };
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      take(chunk.subarray(from, at));
      from = at + 1;
      const line = end();
      if (!isBlank(line.bytes)) yield line;
    }
    take(chunk.subarray(from));
  }
  const last = end();
  if (!isBlank(last.bytes)) yield last;
}

function isBlank(bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && bytes.every(byte => BLANK.has(byte));
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
