/**
 * What chance brings about in a world, each thing by its kind and number, so that the world can be lived through again
 * without some of it. A thing that is left out was drawn all the same: what is drawn after it stays as it was, as far
 * as it does not depend on what came of it.
 */
export class Choices {
  readonly #without: ReadonlySet<string>;
  readonly #numbers = new Map<string, number>();
  readonly #made: string[] = [];

  /** @param without names of what is left out, as `made` gave them */
  constructor(without: ReadonlySet<string> = new Set()) {
    this.#without = without;
  }

  /** What came about, in order: `kind number`. */
  get made(): readonly string[] {
    return this.#made;
  }

  /** Something of this kind was drawn: whether it comes about. */
  happens(kind: string): boolean {
    const number = (this.#numbers.get(kind) ?? 0) + 1;
    this.#numbers.set(kind, number);
    const name = `${kind} ${number}`;
    if (this.#without.has(name)) return false;
    this.#made.push(name);
    return true;
  }
}

/** The kind of a choice by its name. */
export function kindOfChoice(name: string): string {
  return name.slice(0, name.lastIndexOf(' '));
}
