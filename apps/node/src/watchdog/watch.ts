/** What the watchdog sees of an event loop at one look. */
export interface Sight {
  /** Entries of the stage so far: the same with somebody on it means that his code still runs. */
  readonly entries: number;
  readonly occupied: boolean;
  /** Beats of the loop's own timer so far. */
  readonly beats: number;
  /** A debugger may be what holds it up. */
  readonly debugged: boolean;
}

/**
 * 'well'; 'doubtful': the same code has been on the stage since the last look; 'stalled': for `maxStall`, or the loop
 * itself stood still for so long. Told once a stall, then 'doubtful' until it is over.
 */
export type Finding = 'well' | 'doubtful' | 'stalled';

/** Judges one event loop by what it sees of it. Pure: time is what its caller says has passed. */
export class Watch {
  readonly #maxStallMs: number;
  #last: Sight | null = null;
  #onStageMs = 0;
  #stillMs = 0;
  #told = false;

  constructor(maxStallMs: number) {
    this.#maxStallMs = maxStallMs;
  }

  /** How long the stall has lasted. */
  get stalledMs(): number {
    return Math.max(this.#onStageMs, this.#stillMs);
  }

  /** @param passedMs since the last look, as far as this process ran meanwhile */
  look(sight: Sight, passedMs: number): Finding {
    const last = this.#last;
    this.#last = sight;
    const seen = last !== null && !sight.debugged;
    this.#onStageMs = seen && sight.occupied && sight.entries === last.entries ? this.#onStageMs + passedMs : 0;
    this.#stillMs = seen && sight.beats === last.beats ? this.#stillMs + passedMs : 0;
    if (this.stalledMs < this.#maxStallMs) {
      this.#told = false;
      return this.#onStageMs > 0 ? 'doubtful' : 'well';
    }
    if (this.#told) return 'doubtful';
    this.#told = true;
    return 'stalled';
  }
}
