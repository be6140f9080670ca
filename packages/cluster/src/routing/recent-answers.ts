import type { Clock } from '@dfnsjs/actor-core/ports';
import type { Millis } from '@dfnsjs/actor-core/records';

/**
 * Answers for calls that come again. They go a generation at a time, which costs nothing but the memory of another one:
 * one that looked for the oldest at each answer would walk over all the holes that those before it left in the map.
 */
export class RecentAnswers<Answer> {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #keptMs: Millis;
  readonly #kept: number;
  #young = new Map<string, Answer>();
  #old = new Map<string, Answer>();
  #since: Millis;

  /**
   * @param keptMs each is kept for so long at least, and for at most twice that while others come
   * @param kept however many come, the last so many are kept, and never more than twice as many
   */
  constructor(clock: Pick<Clock, 'elapsed'>, keptMs: Millis, kept: number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
    this.#kept = kept;
    this.#since = clock.elapsed();
  }

  get(key: string): Answer | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  put(key: string, answer: Answer): void {
    const now = this.#clock.elapsed();
    if (now - this.#since > this.#keptMs || this.#young.size >= this.#kept) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#since = now;
    }
    this.#young.set(key, answer);
  }
}
