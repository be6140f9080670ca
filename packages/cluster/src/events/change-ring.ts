import type { Change } from '@dfnsjs/actor-core/ports';
import type { Attributes } from '@dfnsjs/actor-core/records';

const KEPT = 10_000;
const KEPT_BYTES = 16 * 1024 * 1024;
/** About what a change takes besides its texts. */
const CHANGE_BYTES = 200;

/**
 * The last changes, numbered from 1 on without end; bounded by count and by about their bytes. null stands for what may
 * have changed and is not known.
 */
export class ChangeRing {
  readonly #changes: (Change | null)[] = [];
  readonly #kept: number;
  readonly #attributes = new WeakMap<Attributes, number>();
  #first = 1;
  #end = 1;
  #bytes = 0;

  constructor(kept: number = KEPT) {
    this.#kept = kept;
  }

  /** The number that the next change gets. */
  get end(): number {
    return this.#end;
  }

  /** Whether all from this number on is here. */
  has(number: number): boolean {
    return number >= this.#first && number <= this.#end;
  }

  at(number: number): Change | null {
    return this.#changes[number % this.#kept] ?? null;
  }

  /** Changes from one that is here on: so many at most, and about so many bytes, but one at least. */
  page(from: number, count: number, bytes: number): (Change | null)[] {
    const changes: (Change | null)[] = [];
    let taken = 0;
    for (let number = from; number < this.#end && changes.length < count && taken < bytes; number++) {
      const change = this.at(number);
      changes.push(change);
      taken += this.#bytesOf(change);
    }
    return changes;
  }

  append(change: Change | null): void {
    const bytes = this.#bytesOf(change);
    while (this.#first < this.#end && (this.#end - this.#first >= this.#kept || this.#bytes + bytes > KEPT_BYTES)) {
      this.#drop();
    }
    this.#changes[this.#end % this.#kept] = change;
    this.#bytes += bytes;
    this.#end++;
  }

  /** Forgets all; whoever stood at the end has missed something too. */
  clear(): void {
    while (this.#first < this.#end) this.#drop();
    this.#first = ++this.#end;
  }

  #drop(): void {
    const place = this.#first % this.#kept;
    this.#bytes -= this.#bytesOf(this.#changes[place] ?? null);
    this.#changes[place] = null;
    this.#first++;
  }

  #bytesOf(change: Change | null): number {
    if (!change) return 0;
    return CHANGE_BYTES + 2 * (change.id.length + change.namespace.length) + this.#attributeBytes(change.attributes);
  }

  /** Once a map: most changes of an execution have the same one. */
  #attributeBytes(attributes: Attributes | null): number {
    if (!attributes || attributes.size === 0) return 0;
    let bytes = this.#attributes.get(attributes);
    if (bytes === undefined) {
      bytes = 0;
      for (const [name, value] of attributes) bytes += 32 + 2 * (name.length + String(value).length);
      this.#attributes.set(attributes, bytes);
    }
    return bytes;
  }
}
