import type { Agenda } from './world/agenda.ts';
import type { Hops } from './world/hops.ts';

/**
 * Moves a world's time while somebody waits: what is due now runs, and where nothing is, time skips to the next thing
 * that will be; never while a body runs, whose work takes real time.
 */
export class TimeSkip {
  readonly #agenda: Agenda;
  readonly #hops: Hops;
  readonly #bodiesRunning: () => number;
  #waiting = 0;
  #still = 0;
  #running = false;
  #changed: (() => void) | null = null;

  constructor(agenda: Agenda, hops: Hops, bodiesRunning: () => number) {
    this.#agenda = agenda;
    this.#hops = hops;
    this.#bodiesRunning = bodiesRunning;
  }

  /** Moves time until `outcome` is there. */
  async until<T>(outcome: Promise<T>): Promise<T> {
    this.#waiting++;
    this.#changed?.();
    void this.#run();
    try {
      return await outcome;
    } finally {
      this.#waiting--;
      this.#changed?.();
    }
  }

  /** Lets `ms` pass and all that is due by then happen; no more time passes until the caller had its turn. */
  sleep(ms: number): Promise<void> {
    const slept = new Promise<void>(resolve => {
      this.#agenda.after(ms, () => {
        this.#still++;
        void this.#hops.settle().then(() => {
          this.#still--;
          resolve();
          this.#changed?.();
        });
      });
    });
    return this.until(slept);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting > 0) {
      await this.#hops.settle();
      if (this.#waiting === 0) break;
      const { next, now } = this.#agenda;
      if (this.#still === 0 && next !== undefined && (next <= now || this.#bodiesRunning() === 0))
        this.#agenda.advance();
      else await this.#change();
    }
    this.#running = false;
  }

  /** A body ended, somebody else waits, or nobody does any more. */
  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#changed = resolve;
      void this.#hops.next().then(resolve);
    });
  }
}
