/** Up to this many a look at each costs less than a search. */
const FEW = 8;

/**
 * Things by ascending number, nearly always added at the end and few at a time: two arrays, where a Map would be built
 * anew every few additions and removals. Removing one moves those behind it, which is cheap up to many thousands.
 */
export class Numbered<T> {
  readonly #numbers: number[] = [];
  readonly #things: T[] = [];

  get size(): number {
    return this.#things.length;
  }

  get(number: number): T | undefined {
    const at = this.#find(number);
    return at < 0 ? undefined : this.#things[at];
  }

  has(number: number): boolean {
    return this.#find(number) >= 0;
  }

  set(number: number, thing: T): void {
    const numbers = this.#numbers;
    const last = numbers.length - 1;
    if (last < 0 || numbers[last]! < number) {
      numbers.push(number);
      this.#things.push(thing);
      return;
    }
    const at = this.#firstNotBelow(number);
    if (numbers[at] === number) this.#things[at] = thing;
    else {
      numbers.splice(at, 0, number);
      this.#things.splice(at, 0, thing);
    }
  }

  delete(number: number): boolean {
    const at = this.#find(number);
    if (at < 0) return false;
    if (at === this.#numbers.length - 1) {
      this.#numbers.pop();
      this.#things.pop();
    } else {
      this.#numbers.splice(at, 1);
      this.#things.splice(at, 1);
    }
    return true;
  }

  /** In order of their numbers. Whoever adds or removes meanwhile takes a copy. */
  values(): readonly T[] {
    return this.#things;
  }

  keys(): readonly number[] {
    return this.#numbers;
  }

  #find(number: number): number {
    const numbers = this.#numbers;
    if (numbers.length <= FEW) {
      for (let at = 0; at < numbers.length; at++) if (numbers[at] === number) return at;
      return -1;
    }
    const at = this.#firstNotBelow(number);
    return numbers[at] === number ? at : -1;
  }

  #firstNotBelow(number: number): number {
    let low = 0;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#numbers[middle]! < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
