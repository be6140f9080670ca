import { createHmac, timingSafeEqual } from 'node:crypto';
import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance } from '@dfnsjs/actor-core/ports';

const MAC_BYTES = 16;
const FORM = /^([0-9a-f-]{36})\.([0-9a-z]{1,11})\.([\w-]{22})$/;

/**
 * The cursors of one feed: its name, a place in it, and a mark of both and of what was asked, which nobody else can
 * make. A cursor so is good for the request that it came with alone, and for this start of the node.
 */
export class Cursors {
  readonly #feed: string;
  readonly #secret: string;

  constructor(chance: Pick<Chance, 'uuid'>) {
    this.#feed = chance.uuid();
    this.#secret = chance.uuid() + chance.uuid();
  }

  write(place: number, asked: string): string {
    const text = `${this.#feed}.${place.toString(36)}`;
    return `${text}.${this.#mark(text, asked).toString('base64url')}`;
  }

  /** The place; undefined: of another feed, such as that of the node before. VALIDATION where it is not of this request. */
  read(cursor: string, asked: string): number | undefined {
    const [, feed, place, mark] = FORM.exec(cursor) ?? [];
    if (feed === undefined || place === undefined || mark === undefined) throw foreign();
    // Its mark cannot be told from a made-up one; all it gets is that something may be missing.
    if (feed !== this.#feed) return undefined;
    const given = Buffer.from(mark, 'base64url');
    const good = this.#mark(`${feed}.${place}`, asked);
    if (given.length !== good.length || !timingSafeEqual(given, good)) throw foreign();
    return Number.parseInt(place, 36);
  }

  #mark(text: string, asked: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${text}\n${asked}`).digest().subarray(0, MAC_BYTES);
  }
}

function foreign(): DfnsError {
  return new DfnsError(
    'VALIDATION',
    'That Last-Event-ID is not of this stream: a cursor is good for the namespace and filter that it came with. Leave it out.',
  );
}
