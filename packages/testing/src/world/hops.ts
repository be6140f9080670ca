/**
 * The macrotasks of a world: real ones, so that workflow code drains as it does in a node, and counted, so that the
 * world knows when nothing runs any more.
 */
export class Hops {
  #open = 0;

  queue(fn: () => void): void {
    this.#open++;
    setImmediate(() => {
      this.#open--;
      fn();
    });
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
