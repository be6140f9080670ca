import type { NodeReport, Renewal } from '@dfnsjs/actor-core/ports';

/** What the thread says: an answer, or that there was none. */
export const FAILED = 'failed';
export type FromThread = Renewal | typeof FAILED;

/** Places in the shared memory, eight bytes each. */
const STAMP = 0;
const ANSWERS = 1;
const TRANSPORT = 2;
const READY = 3;
const RESIDENTS = 4;
const LOOP_LAG = 5;
const PLACES = 6;

/**
 * What the main loop and the thread that renews its lease know of each other without a message: one that is busy reads
 * and sends none.
 */
export class RenewalMemory {
  readonly shared: SharedArrayBuffer;
  readonly #places: Float64Array;

  constructor(shared = new SharedArrayBuffer(PLACES * 8)) {
    this.shared = shared;
    this.#places = new Float64Array(shared);
  }

  /** The main loop goes on, and this is what the node tells of itself. */
  stamp(now: number, { transport, state, residents, loopLagMs }: NodeReport): void {
    const places = this.#places;
    places[TRANSPORT] = transport ? 1 : 0;
    places[READY] = state === 'ready' ? 1 : 0;
    places[RESIDENTS] = residents;
    places[LOOP_LAG] = loopLagMs;
    places[STAMP] = now;
  }

  get stampedAt(): number {
    return this.#places[STAMP]!;
  }

  report(): NodeReport {
    const places = this.#places;
    return {
      transport: places[TRANSPORT] === 1,
      state: places[READY] === 1 ? 'ready' : 'leaving',
      residents: places[RESIDENTS]!,
      loopLagMs: places[LOOP_LAG]!,
    };
  }

  /** How many answers the thread has sent. */
  get answers(): number {
    return this.#places[ANSWERS]!;
  }

  answered(): void {
    this.#places[ANSWERS]!++;
  }
}

/** Monotonic milliseconds, alike in all threads of a process; `performance.now` begins anew in each. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
