import type { Clock, Timer } from 'dfns/store';
import { setImmediate as hop } from 'node:timers/promises';

interface Alarm extends Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now = Date.UTC(2030, 0, 1);
  readonly #alarms = new Set<Alarm>();

  /** Timers that are set. */
  get timers(): number {
    return this.#alarms.size;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  setTimer(at: number, ring: () => void): Timer {
    const alarm: Alarm = { at, ring, cancel: () => this.#alarms.delete(alarm) };
    this.#alarms.add(alarm);
    return alarm;
  }

  hop(fn: () => void): void {
    setImmediate(fn);
  }

  lag(): number {
    return 0;
  }

  afterMicrotasks(fn: () => void): void {
    process.nextTick(fn);
  }

  /** Rings what is due up to then, in order, and lets what comes of each happen before the next. */
  async advance(ms: number): Promise<void> {
    const to = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#alarms].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > to) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#now = to;
    await settle();
  }
}

/** Until nothing is left that only waits for its turn: a chain of work in memory is far shorter than this. */
async function settle(): Promise<void> {
  for (let hops = 0; hops < 50; hops++) await hop();
}
