import type { Payload } from '../payload/payload.ts';

export interface BufferedSignal {
  readonly name: string;
  readonly payload: Payload;
  /** Place in the order of arrival over all names. */
  readonly order: number;
}

/** Signals that nobody has taken yet, in order of arrival, by name. */
export class SignalBuffer {
  #arrived = 0;
  #size = 0;
  readonly #queues = new Map<string, { items: BufferedSignal[]; head: number }>();

  get size(): number {
    return this.#size;
  }

  put(name: string, payload: Payload): void {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = { items: [], head: 0 }));
    queue.items.push({ name, payload, order: this.#arrived++ });
    this.#size++;
  }

  /** The earliest of these names, taken out. */
  take(names: readonly string[]): BufferedSignal | undefined {
    let first: { items: BufferedSignal[]; head: number } | undefined;
    for (const name of names) {
      const queue = this.#queues.get(name);
      if (queue && (!first || queue.items[queue.head]!.order < first.items[first.head]!.order)) first = queue;
    }
    if (!first) return undefined;
    const signal = first.items[first.head++]!;
    if (first.head === first.items.length) this.#queues.delete(signal.name);
    else if (first.head > 64 && first.head * 2 > first.items.length) {
      first.items.splice(0, first.head);
      first.head = 0;
    }
    this.#size--;
    return signal;
  }

  /** All that is left, in order of arrival. */
  rest(): readonly BufferedSignal[] {
    return [...this.#queues.values()].flatMap(queue => queue.items.slice(queue.head)).sort((a, b) => a.order - b.order);
  }
}
