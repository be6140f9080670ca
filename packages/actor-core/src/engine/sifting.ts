/** Refusals beyond those on the way down to a single write, before it is the store that is taken to be at fault. */
const SPARE_REFUSALS = 4;

/**
 * Finds what a store refuses in a batch that it refused: halves of it are sent until the culprits stand alone. Pure: the
 * caller sends what is next and says what came of it. Where nothing at all lands it gives up, since then it is the store.
 */
export class Sifting<T> {
  readonly #all: readonly T[];
  /** To be sent, the last of them next. */
  readonly #parts: (readonly T[])[];
  readonly #alone: T[] = [];
  #refusalsLeft: number;
  #hasLanded = false;

  constructor(refused: readonly T[]) {
    this.#all = refused;
    this.#parts = halves(refused);
    this.#refusalsLeft = Math.ceil(Math.log2(refused.length)) + SPARE_REFUSALS;
  }

  /** What to send next; undefined: it is over. */
  next(): readonly T[] | undefined {
    return this.#parts.pop();
  }

  landed(): void {
    this.#hasLanded = true;
  }

  refused(part: readonly T[]): void {
    if (!this.#hasLanded && --this.#refusalsLeft === 0) this.#parts.length = 0;
    else if (part.length > 1) this.#parts.push(...halves(part));
    else this.#alone.push(...part);
  }

  /** When it is over: the writes that were refused alone while others landed, or all, to be sent again together. */
  outcome(): { readonly alone: readonly T[] } | { readonly again: readonly T[] } {
    return this.#hasLanded ? { alone: this.#alone } : { again: this.#all };
  }
}

/** The first half is last, and so is sent first: writes keep their order. */
function halves<T>(part: readonly T[]): (readonly T[])[] {
  const middle = part.length >> 1;
  return [part.slice(middle), part.slice(0, middle)].filter(half => half.length > 0);
}
