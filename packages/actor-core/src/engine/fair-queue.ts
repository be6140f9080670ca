/** A line that never ends lets go of so much of what was taken from it at once. */
const LONG = 1_024;

interface Line<T> {
  readonly items: T[];
  /** Of the first that is not taken. */
  at: number;
}

/**
 * What waits, taken by its keys in turn, in order within a key. While all have one key it is an array and no more.
 */
export class FairQueue<T> {
  readonly #keyOf: (item: T) => string;
  /** All of them, while they have one key. */
  #items: T[] = [];
  #key = '';
  /** Who was served last stands last. null: there is one key. */
  #lines: Map<string, Line<T>> | null = null;
  #size = 0;

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    this.#size++;
    const key = this.#keyOf(item);
    if (this.#lines) {
      const line = this.#lines.get(key);
      if (line) line.items.push(item);
      else this.#lines.set(key, { items: [item], at: 0 });
      return;
    }
    if (this.#items.length === 0) this.#key = key;
    if (key === this.#key) this.#items.push(item);
    else {
      this.#lines = new Map([
        [this.#key, { items: this.#items, at: 0 }],
        [key, { items: [item], at: 0 }],
      ]);
      this.#items = [];
    }
  }

  /** Takes from each key in turn for as long as `accepts` takes its next one. */
  take(accepts: (item: T) => boolean): T[] {
    const taken = this.#lines ? this.#takeInTurn(this.#lines, accepts) : this.#takeFirst(accepts);
    this.#size -= taken.length;
    return taken;
  }

  clear(): void {
    this.#items = [];
    this.#lines = null;
    this.#size = 0;
  }

  #takeFirst(accepts: (item: T) => boolean): T[] {
    let count = 0;
    while (count < this.#items.length && accepts(this.#items[count]!)) count++;
    return this.#items.splice(0, count);
  }

  #takeInTurn(lines: Map<string, Line<T>>, accepts: (item: T) => boolean): T[] {
    const taken: T[] = [];
    for (let open = [...lines]; open.length > 0;) {
      open = open.filter(([key, line]) => {
        const item = line.items[line.at]!;
        if (!accepts(item)) return false;
        taken.push(item);
        line.at++;
        lines.delete(key);
        if (line.at === line.items.length) return false;
        if (line.at > LONG && line.at * 2 > line.items.length) {
          line.items.splice(0, line.at);
          line.at = 0;
        }
        lines.set(key, line);
        return true;
      });
    }
    if (lines.size === 1) {
      const [[key, line]] = [...lines] as [[string, Line<T>]];
      this.#key = key;
      this.#items = line.items.slice(line.at);
    }
    if (lines.size <= 1) this.#lines = null;
    return taken;
  }
}
