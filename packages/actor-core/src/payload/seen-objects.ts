/** Up to here a linear search beats a Map. */
const FEW = 16;

/** Numbers objects in the order in which they are met. */
export class SeenObjects {
  readonly #few: (object | undefined)[] = new Array<undefined>(FEW).fill(undefined);
  #many: Map<object, number> | undefined;
  #count = 0;

  /** The number of an object that was met before; -1, and the next number is its own, if it was not. */
  numberOf(object: object): number {
    if (this.#many) return this.#numberAmongMany(this.#many, object);
    const few = this.#few;
    const count = this.#count;
    for (let i = 0; i < count; i++) if (few[i] === object) return i;
    if (count < FEW) few[count] = object;
    else this.#many = new Map([...(few as object[]), object].map((each, number) => [each, number]));
    this.#count++;
    return -1;
  }

  clear(): void {
    const count = Math.min(this.#count, FEW);
    for (let i = 0; i < count; i++) this.#few[i] = undefined;
    this.#many = undefined;
    this.#count = 0;
  }

  #numberAmongMany(many: Map<object, number>, object: object): number {
    const number = many.get(object);
    if (number !== undefined) return number;
    many.set(object, this.#count++);
    return -1;
  }
}
