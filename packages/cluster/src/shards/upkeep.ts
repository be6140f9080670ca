import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Millis } from '@dfnsjs/actor-core/records';

const EVERY_MS: Millis = 60_000;

/** What a node does for its store by the clock and not because something happened, one work after the other. */
export class Upkeep {
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #works: readonly (() => Promise<void>)[];
  readonly #everyMs: Millis;
  #timer: Timer | undefined;
  #stopped = false;

  /** @param everyMs default one minute */
  constructor(
    clock: Pick<Clock, 'now' | 'setTimer'>,
    works: readonly (() => Promise<void>)[],
    everyMs: Millis = EVERY_MS,
  ) {
    this.#clock = clock;
    this.#works = works;
    this.#everyMs = everyMs;
  }

  /** Works for the first time after a while: a node that begins has better things to do. */
  begin(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(this.#clock.now() + this.#everyMs, () => void this.#work());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #work(): Promise<void> {
    for (const work of this.#works) {
      if (!this.#stopped) await work();
    }
    this.begin();
  }
}
