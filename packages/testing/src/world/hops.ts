/**
 * The macrotasks of a world: real ones, so that workflow code drains as it does in a node, and counted, so that the
 * world knows when nothing runs any more.
 */
export class Hops {
  #open = 0;
  #awaited: (() => void)[] = [];

  queue(fn: () => void): void {
    this.#open++;
    for (const awaited of this.#awaited.splice(0)) awaited();
    setImmediate(() => {
      this.#open--;
      fn();
    });
  }

  /** Resolves when the next hop is asked for: something goes on that came from outside the world. */
  next(): Promise<void> {
    return new Promise(resolve => this.#awaited.push(resolve));
  }

  /** Resolves when no hop and no microtask is left. */
  async settle(): Promise<void> {
    do {
      await new Promise<void>(resolve => {
        setImmediate(resolve);
      });
    } while (this.#open > 0);
  }
}
