/** Holes that all arrays of one payload may have in memory that V8 sets aside for them. */
const CHEAP_HOLES = 4_096;
/** V8 turns an array into a dictionary when an index is this far beyond its end. */
const FAR = 1_024;

/** Appends holes to arrays without taking memory for many of them, whatever their number claims. */
export class HoleMaker {
  #cheapLeft = CHEAP_HOLES;

  begin(): void {
    this.#cheapLeft = CHEAP_HOLES;
  }

  append(array: unknown[], count: number): void {
    const length = array.length + count;
    this.#cheapLeft -= count;
    if (this.#cheapLeft < 0 && length + FAR * 2 < 2 ** 32) array[length + FAR * 2] = undefined;
    array.length = length;
  }
}
