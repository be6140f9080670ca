import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import type { ChangeFeed } from './change-feed.ts';
import type { ChangePage } from './change-page.ts';

export interface ChangePagesOptions {
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly own: ChangeFeed;
  tell(to: Incarnation, page: ChangePage): void;
}

const PAGE_CHANGES = 256;
const PAGE_BYTES = 64 * 1024;
/** What comes within this goes in one page. */
const GATHER_MS: Millis = 20;

/** Tells other nodes the changes of this one, a page for each time that they ask: at once, or when there is more. */
export class ChangePages {
  readonly #options: ChangePagesOptions;
  /** From where. Who asks again has lost the answer, or is asked for more by its readers: one answer is enough. */
  readonly #waiting = new Map<Incarnation, number>();
  #gather: Timer | null = null;

  constructor(options: ChangePagesOptions) {
    this.#options = options;
  }

  /** @param place null: where does the feed stand? */
  asked(from: Incarnation, place: number | null): void {
    const { own, tell } = this.#options;
    own.listenedAfar();
    if (place === own.end) return void this.#waiting.set(from, place);
    const isKept = place !== null && own.ring.has(place);
    const changes = isKept ? own.ring.page(place, PAGE_CHANGES, PAGE_BYTES) : null;
    tell(from, { feed: own.name, from: place, end: own.end, changes });
  }

  /** There is more to tell. */
  told(): void {
    const { clock } = this.#options;
    if (this.#waiting.size > 0) this.#gather ??= clock.setTimer(clock.now() + GATHER_MS, () => this.#tellAll());
  }

  stop(): void {
    this.#gather?.cancel();
    this.#gather = null;
    this.#waiting.clear();
  }

  #tellAll(): void {
    this.#gather = null;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [from, place] of waiting) this.asked(from, place);
  }
}
