export interface Appointment {
  cancel(): void;
}

interface Entry {
  readonly at: number;
  /** Of entries at the same time the first made comes first. */
  readonly order: number;
  run: (() => void) | null;
}

/** What is to happen when, in a time of its own that moves from one entry to the next. */
export class Agenda {
  #heap: Entry[] = [];
  #order = 0;
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  get now(): number {
    return this.#now;
  }

  /** When the next entry is; undefined without one. */
  get next(): number | undefined {
    this.#skipCancelled();
    return this.#heap[0]?.at;
  }

  after(delay: number, run: () => void): Appointment {
    const entry: Entry = { at: this.#now + Math.max(0, Math.ceil(delay)), order: this.#order++, run };
    this.#push(entry);
    return {
      cancel: () => {
        entry.run = null;
      },
    };
  }

  /** Moves time to the next entry and runs it; false where there is none. */
  advance(): boolean {
    this.#skipCancelled();
    const entry = this.#pop();
    if (!entry) return false;
    this.#now = entry.at;
    const { run } = entry;
    entry.run = null;
    run?.();
    return true;
  }

  /** Moves time on; nothing may be due before. */
  skipTo(at: number): void {
    const next = this.next;
    if (next !== undefined && next < at) throw new RangeError(`Something is due at ${next}, before ${at}.`);
    this.#now = Math.max(this.#now, at);
  }

  #skipCancelled(): void {
    while (this.#heap[0] && !this.#heap[0].run) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(entry, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below++;
      if (!before(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
