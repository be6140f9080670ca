import type { Clock, Timer } from './clock.ts';
import type { Millis } from '../time/duration.ts';

/** A clock for tests: its time stands until it is advanced; hops and microtasks are the process's own. */
export class FakeClock implements Clock {
  /** What the loop is said to lag. */
  lagMs = 0;
  #now: Millis;
  #elapsed = 0;
  #order = 0;
  #hops = 0;
  readonly #timers = new Set<{ readonly at: Millis; readonly order: number; readonly fn: () => void }>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  elapsed(): Millis {
    return this.#elapsed;
  }

  /** Timers that are set. */
  get armed(): number {
    return this.#timers.size;
  }

  setTimer(at: Millis, fn: () => void): Timer {
    const timer = { at, order: this.#order++, fn };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  hop(fn: () => void): void {
    this.#hops++;
    setImmediate(() => {
      this.#hops--;
      fn();
    });
  }

  lag(): Millis {
    return this.lagMs;
  }

  afterMicrotasks(fn: () => void): void {
    process.nextTick(fn);
  }

  /** Resolves when no hop is left, nor any that those led to. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet = this.#hops === 0 ? quiet + 1 : 0) {
      await new Promise<void>(resolve => void setImmediate(resolve));
    }
  }

  /** Lets time pass: each timer fires at its own moment, and what it leads to settles before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#pass(next.at);
      next.fn();
      await this.settle();
    }
    this.#pass(until);
  }

  #pass(to: Millis): void {
    this.#elapsed += Math.max(0, to - this.#now);
    this.#now = Math.max(this.#now, to);
  }

  /** Sets the time without firing anything: what a corrected clock does. */
  jump(to: Millis): void {
    this.#now = to;
  }

  #next(until: Millis) {
    let first: { readonly at: Millis; readonly order: number; readonly fn: () => void } | undefined;
    for (const timer of this.#timers) {
      if (timer.at > until) continue;
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}
