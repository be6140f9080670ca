import type { Clock } from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import type { Item } from '../transport/frame.ts';

interface Collection {
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
  readonly until: Millis;
}

/** What has not come by then does not come any more: whoever sent it sends it anew. */
const PATIENCE_MS: Millis = 10_000;
const MAX_PARTS = 1_024;
/** Of all that is being collected. Beyond it the oldest go. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Puts items together that are larger than a frame. */
export class Parts {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #collections = new Map<string, Collection>();
  #bytes = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The whole, once its last part is there. */
  add(from: Incarnation, [, id, index, count, bytes]: Item): Uint8Array | undefined {
    if (typeof id !== 'number' || !isIndex(index, MAX_PARTS) || !isIndex(count, MAX_PARTS + 1)) return undefined;
    if (index >= count || !(bytes instanceof Uint8Array)) return undefined;
    const key = `${from} ${id}`;
    const now = this.#clock.now();
    let collection = this.#collections.get(key);
    if (!collection) {
      this.#forgetOld(now);
      collection = { parts: Array.from({ length: count }), missing: count, bytes: 0, until: now + PATIENCE_MS };
      this.#collections.set(key, collection);
    }
    if (collection.parts.length !== count || collection.parts[index]) return undefined;
    collection.parts[index] = bytes;
    collection.bytes += bytes.byteLength;
    this.#bytes += bytes.byteLength;
    if (--collection.missing > 0) return undefined;
    this.#forget(key, collection);
    return Buffer.concat(collection.parts as Uint8Array[]);
  }

  #forgetOld(now: Millis): void {
    for (const [key, collection] of this.#collections) {
      if (collection.until > now && this.#bytes <= MAX_BYTES) return;
      this.#forget(key, collection);
    }
  }

  #forget(key: string, { bytes }: Collection): void {
    this.#collections.delete(key);
    this.#bytes -= bytes;
  }
}

function isIndex(value: unknown, below: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < below;
}
