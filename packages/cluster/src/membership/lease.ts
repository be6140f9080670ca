import type { Millis } from '@dfnsjs/actor-core/records';

/** Of a lease, what is never relied on: clocks of two machines go at a little different speed. */
const MARGIN = 0.1;

/** Whether this incarnation surely holds its lease. Pure; times are of `Clock.elapsed`. */
export class Lease {
  readonly #ms: Millis;
  /** Looks for renewals that came while nobody listened; null: there are none. */
  look: (() => void) | null = null;
  #until: Millis;

  /** @param ms Infinity: nobody else can take what is this node's */
  constructor(ms: Millis) {
    this.#ms = ms;
    this.#until = ms === Infinity ? Infinity : -Infinity;
  }

  /** The store has granted what was asked for at `sentAt`: it counts from then. */
  renewed(sentAt: Millis): void {
    this.#until = Math.max(this.#until, sentAt + this.#ms * (1 - MARGIN));
  }

  /** It is over for good, whatever the time. */
  end(): void {
    this.#until = -Infinity;
    this.look = null;
  }

  holds(elapsed: Millis): boolean {
    if (elapsed >= this.#until) this.look?.();
    return elapsed < this.#until;
  }

  /** What is left, 0 where it is over. */
  left(elapsed: Millis): Millis {
    return Math.max(0, this.#until - elapsed);
  }

  get isUnbounded(): boolean {
    return this.#until === Infinity;
  }
}
