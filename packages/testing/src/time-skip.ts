import type { Agenda } from './world/agenda.ts';
import type { Hops } from './world/hops.ts';

/** Somebody who waits, and what is to be said where nothing can end that wait. */
interface Waiter {
  readonly reject: (error: unknown) => void;
  readonly why: () => Promise<Error>;
}

/**
 * Moves a world's time while somebody waits: what is due now runs, and where nothing is, time skips to the next thing
 * that will be; never while a body runs, whose work takes real time. Where nothing will ever be due, whoever waits is
 * told after a moment of real time, in which the test may still do something.
 */
export class TimeSkip {
  readonly #agenda: Agenda;
  readonly #hops: Hops;
  readonly #bodiesRunning: () => number;
  readonly #patienceMs: number;
  readonly #waiters = new Set<Waiter>();
  #waiting = 0;
  #still = 0;
  #running = false;
  #changed: (() => void) | null = null;

  /** @param patienceMs real time that a wait is given which nothing can end */
  constructor(agenda: Agenda, hops: Hops, bodiesRunning: () => number, patienceMs: number) {
    this.#agenda = agenda;
    this.#hops = hops;
    this.#bodiesRunning = bodiesRunning;
    this.#patienceMs = patienceMs;
  }

  /** Moves time until `outcome` is there. Rejects with what `why` gives where nothing can bring it any more. */
  async until<T>(outcome: Promise<T>, why?: () => Promise<Error>): Promise<T> {
    this.#waiting++;
    this.#changed?.();
    void this.#run();
    let waiter: Waiter | undefined;
    try {
      if (!why) return await outcome;
      const hopeless = new Promise<never>((_, reject) => this.#waiters.add((waiter = { reject, why })));
      return await Promise.race([outcome, hopeless]);
    } finally {
      if (waiter) this.#waiters.delete(waiter);
      this.#waiting--;
      this.#changed?.();
    }
  }

  /** Lets `ms` pass and all that is due by then happen; no more time passes until the caller had its turn. */
  sleep(ms: number): Promise<void> {
    const slept = new Promise<void>(resolve => {
      const wake = () => {
        this.#still++;
        void this.#hops.settle().then(() => {
          this.#still--;
          const { next, now } = this.#agenda;
          // Set later than this, for the same moment: it is due by then too.
          if (next !== undefined && next <= now) this.#agenda.after(0, wake);
          else resolve();
          this.#changed?.();
        });
      };
      this.#agenda.after(ms, wake);
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
      else await this.#change(this.#still === 0 && next === undefined && this.#bodiesRunning() === 0);
    }
    this.#running = false;
  }

  async #tellAll(): Promise<void> {
    for (const { why, reject } of [...this.#waiters]) reject(await why().catch((error: unknown) => error));
  }

  /** A body ended, somebody else waits, or nobody does any more; where that is hopeless, those who wait are told. */
  async #change(hopeless: boolean): Promise<void> {
    let patience: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      this.#changed = resolve;
      void this.#hops.next().then(resolve);
      if (hopeless && this.#waiters.size > 0) {
        patience = setTimeout(() => void this.#tellAll().then(resolve), this.#patienceMs);
      }
    });
    clearTimeout(patience);
  }
}
