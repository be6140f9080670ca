import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import { LoopLag } from './loop-lag.ts';

// As they were before anybody guards them: the engine looks at the clock in the midst of workflow code.
const { setImmediate, setTimeout } = globalThis;
const { now: dateNow } = Date;
const monotonic = performance.now.bind(performance);

/** Node's own timers go no further than 2^31 ms, and stand still while the machine sleeps: a long wait looks again. */
const LONGEST_TIMER_MS = 60_000;
/** Smaller differences to the wall clock are its slewing, which would only make time go unevenly. */
const STEP_MS = 1_000;

/**
 * Time of this machine in whole milliseconds, as `Date.now` gives it: it goes evenly with the monotonic clock, and
 * follows the wall clock where that was set or the machine slept.
 */
export class SystemClock implements Clock {
  #offset = performance.timeOrigin;
  readonly #loop = new LoopLag();
  readonly #wall: () => number;

  /** @param wall milliseconds since the epoch. Default: this machine's. */
  constructor(wall: () => number = dateNow) {
    this.#wall = wall;
  }

  now(): number {
    const wall = this.#wall();
    const now = this.#offset + monotonic();
    if (Math.abs(wall - now) < STEP_MS) return Math.floor(now);
    this.#offset += wall - now;
    return wall;
  }

  elapsed(): number {
    return monotonic();
  }

  setTimer(at: number, fn: () => void): Timer {
    let timeout: NodeJS.Timeout;
    const arm = () => {
      // Rounded up: a timer never rings early.
      const left = Math.ceil(at - this.now());
      timeout = setTimeout(left > LONGEST_TIMER_MS ? arm : ring, Math.min(Math.max(left, 0), LONGEST_TIMER_MS));
    };
    const ring = () => {
      if (this.now() < at) arm();
      else fn();
    };
    arm();
    return { cancel: () => clearTimeout(timeout) };
  }

  hop(fn: () => void): void {
    setImmediate(fn);
  }

  lag(): number {
    return this.#loop.lag();
  }

  afterMicrotasks(fn: () => void): void {
    process.nextTick(fn);
  }
}
