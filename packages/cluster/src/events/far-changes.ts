import type { Change, Clock } from '@dfnsjs/actor-core/ports';
import type { Millis } from '@dfnsjs/actor-core/records';
import type { ChangePage } from './change-page.ts';
import type { Source } from './reader.ts';

/** Pages that are kept for readers who come to the same place a little later. */
const PAGES = 8;
/** Places that are asked for at a time. */
const PLACES = 64;
/** What has no answer for so long is asked again where it is still wanted. */
const ASK_AGAIN_MS: Millis = 4_000;
/** A node that nobody asks forgets that somebody listens: far less than it waits for. */
const ASK_AT_LEAST_MS: Millis = 20_000;

/** The changes of another node, asked of it page by page as readers here come to them. */
export class FarChanges implements Source {
  /** undefined: it has not answered yet. */
  name: string | undefined;
  end = 0;
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #ask: (place: number | null) => void;
  /** Latest first. */
  readonly #pages: ChangePage[] = [];
  readonly #asked = new Map<number | null, Millis>();
  #askedAt: Millis = -Infinity;

  /** @param ask asks for what comes from a place on, once; null: where it stands */
  constructor(clock: Pick<Clock, 'elapsed'>, ask: (place: number | null) => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** It was asked where it stands, and has not answered. */
  get isSilent(): boolean {
    return this.#asked.has(null);
  }

  read(place: number): Change | null | 'lost' | undefined {
    for (const { from, changes } of this.#pages) {
      if (from === null || place < from) continue;
      if (!changes && place === from) return 'lost';
      if (changes && place < from + changes.length) return changes[place - from];
    }
    this.#want(place);
    return undefined;
  }

  /** Asks where it stands. */
  look(): void {
    this.#want(null);
  }

  /** So that the node goes on to hear though all that read are slow, and one that was silent is asked again. */
  keep(): void {
    if (this.name === undefined || this.#clock.elapsed() >= this.#askedAt + ASK_AT_LEAST_MS) this.look();
  }

  told(page: ChangePage): void {
    this.name = page.feed;
    this.end = Math.max(this.end, page.end);
    this.#asked.delete(page.from);
    if (page.from === null) return;
    this.#pages.unshift(page);
    this.#pages.length = Math.min(this.#pages.length, PAGES);
  }

  /** What is on its way may be lost. */
  reconnected(): void {
    this.#asked.clear();
  }

  #want(place: number | null): void {
    const now = this.#clock.elapsed();
    if (now < (this.#asked.get(place) ?? -Infinity) + ASK_AGAIN_MS) return;
    if (this.#asked.size >= PLACES) this.#asked.clear();
    this.#asked.set(place, now);
    this.#askedAt = now;
    this.#ask(place);
  }
}
