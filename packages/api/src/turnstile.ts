import type { Clock } from '@dfnsjs/actor-core/ports';

/** How long requests that came together are begun one after the other before timers and others get their turn. */
const TURN_MS = 20;
/** What a request costs comes mostly after it has begun: of those that wait no more begin in one turn. */
const A_TURN = 32;

/**
 * Lets requests begin. A great many may come between two looks at the timers, and each may take a while: then they begin
 * a few in a turn of the event loop, so that nothing else stands still meanwhile.
 */
export class Turnstile {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #hop: (fn: () => void) => void;
  #waiting: (() => void)[] = [];
  #next = 0;
  #turnBegan: number | undefined;

  constructor(clock: Pick<Clock, 'now'>, hop: (fn: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#hop = hop;
  }

  pass(begin: () => void): void {
    const now = this.#clock.now();
    if (this.#turnBegan === undefined) {
      this.#turnBegan = now;
      this.#hop(this.#turnOver);
    }
    if (this.#waiting.length === 0 && now - this.#turnBegan < TURN_MS) return begin();
    this.#waiting.push(begin);
  }

  readonly #turnOver = (): void => {
    this.#turnBegan = undefined;
    if (this.#waiting.length === 0) return;
    const began = this.#clock.now();
    this.#turnBegan = began;
    // First: what begins may throw.
    this.#hop(this.#turnOver);
    for (let n = 0; n < A_TURN && this.#waiting.length > 0 && this.#clock.now() - began < TURN_MS; n++) {
      const begin = this.#waiting[this.#next++]!;
      if (this.#next === this.#waiting.length) {
        this.#waiting = [];
        this.#next = 0;
      }
      begin();
    }
  };
}
