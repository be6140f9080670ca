import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { DfnsError } from '@dfnsjs/actor-core';

const MARK_BYTES = 16;
const FORM = /^([0-9a-f]{8})((?:\.[0-9a-f]+-[0-9a-z]{1,11})*)\.([\w-]{22})$/;

/**
 * Cursors of streams of events: a place in the feed of each node, and a mark of them and of what was asked, which only
 * those can make who have the secret. A cursor so is good for the request that it came with alone, at any node that has it.
 */
export class Cursors {
  readonly #secret: string;
  /** Tells cursors under another secret from such as somebody has changed. */
  readonly #name: string;

  constructor(secret: string) {
    this.#secret = createHmac('sha256', secret).update('dfns cursor of events').digest('hex');
    this.#name = createHash('sha256').update(this.#secret).digest('hex').slice(0, 8);
  }

  /** @param places by the names of feeds, which are hexadecimal */
  write(places: ReadonlyMap<string, number>, asked: string): string {
    let text = this.#name;
    for (const [feed, place] of places) text += `.${feed}-${place.toString(36)}`;
    return `${text}.${this.#mark(text, asked).toString('base64url')}`;
  }

  /** The places; undefined: written under another secret. VALIDATION where it is not of this request. */
  read(cursor: string, asked: string): ReadonlyMap<string, number> | undefined {
    const [, name, places, mark] = FORM.exec(cursor) ?? [];
    if (name === undefined || places === undefined || mark === undefined) throw foreign();
    // Its mark cannot be told from a made-up one; all it gets is that something may be missing.
    if (name !== this.#name) return undefined;
    const given = Buffer.from(mark, 'base64url');
    const good = this.#mark(name + places, asked);
    if (given.length !== good.length || !timingSafeEqual(given, good)) throw foreign();
    return new Map(
      places
        .split('.')
        .slice(1)
        .map(text => {
          const [feed = '', place = ''] = text.split('-');
          return [feed, Number.parseInt(place, 36)];
        }),
    );
  }

  #mark(text: string, asked: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${text}\n${asked}`).digest().subarray(0, MARK_BYTES);
  }
}

function foreign(): DfnsError {
  return new DfnsError(
    'VALIDATION',
    'That Last-Event-ID is not of this stream: a cursor is good for the namespace and filter that it came with. Leave it out.',
  );
}
