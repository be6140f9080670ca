import { decode, encode } from '@dfnsjs/actor-core/records';

/** A value with a bit of everything that survives, the same for the same `n`. */
export function richValue(n: number): Record<string, unknown> {
  const value: Record<string, unknown> = {
    n,
    date: new Date(n * 1_000),
    big: 2n ** 70n + BigInt(n),
    map: new Map<unknown, unknown>([[n, new Set(['a', n])]]),
    bytes: new Uint8Array([n & 255, 2, 3]),
    url: new URL(`https://example.com/${n}`),
    odd: [undefined, -0, Number.NaN, Number.POSITIVE_INFINITY],
  };
  value['self'] = value;
  return value;
}

export function sameValue(a: unknown, b: unknown): boolean {
  return Buffer.from(encode(a)).equals(encode(b));
}

/** What a value becomes when it crosses. */
export function crossed<T>(value: T): T {
  return decode(encode(value)) as T;
}
