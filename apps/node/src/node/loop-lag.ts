/** How often the loop is looked at while somebody asks. */
const LOOK_EVERY_MS = 100;

/** How late a timer rings. Given in for tests. */
export interface LoopTimes {
  now(): number;
  /** Must not keep the process alive. */
  setTimer(fn: () => void, ms: number): void;
}

const PROCESS_TIMES: LoopTimes = {
  now: () => performance.now(),
  setTimer: (fn, ms) => void setTimeout(fn, ms).unref(),
};

/**
 * How late the event loop is, measured by a timer that is set only while somebody asks. The lesser of the last two
 * looks counts, so that one long task, or a machine that slept, is not taken for overload.
 */
export class LoopLag {
  readonly #times: LoopTimes;
  #last = 0;
  #before = 0;
  #isAsked = false;
  #isLooking = false;

  constructor(times = PROCESS_TIMES) {
    this.#times = times;
  }

  lag(): number {
    this.#isAsked = true;
    if (!this.#isLooking) this.#lookLater();
    return Math.min(this.#last, this.#before);
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#isAsked = false;
    const due = this.#times.now() + LOOK_EVERY_MS;
    this.#times.setTimer(() => {
      this.#before = this.#last;
      this.#last = Math.max(0, this.#times.now() - due);
      if (this.#isAsked) return this.#lookLater();
      this.#isLooking = false;
      this.#last = this.#before = 0;
    }, LOOK_EVERY_MS);
  }
}
