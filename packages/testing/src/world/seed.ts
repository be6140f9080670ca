import { SeededRandom } from '@dfnsjs/actor-core/records';

/** Everything that is left to chance in a world, drawn from one number. */
export class Seed {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** 0 to below 1. */
  random(): number {
    return this.#random.next();
  }

  uuid(): string {
    return this.#random.uuid();
  }

  /** An integer from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.#random.next() * n);
  }

  /** An integer, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  /** All of them, in another order. */
  shuffled<T>(of: readonly T[]): T[] {
    const rest = [...of];
    return of.map(() => rest.splice(this.below(rest.length), 1)[0]!);
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('There is nothing to pick from.');
    return list[this.below(list.length)] as T;
  }

  /** A stream of its own: what one part draws leaves the others' draws as they are. */
  fork(): Seed {
    return new Seed(Math.floor(this.#random.next() * Number.MAX_SAFE_INTEGER));
  }
}
