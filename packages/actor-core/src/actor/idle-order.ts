/** What stands in an order of the last activity; the order alone writes its links. */
export interface Idling<Self> {
  older: Self | null;
  newer: Self | null;
  order: { remove(item: Self): void } | null;
}

/**
 * Things by their last activity, the longest idle first. Linked through themselves: a Map or Set that things come into and
 * leave all the time is built anew every few hundred of them, and V8 links each such table to the next, so that once one
 * is old everything in those behind it is kept until a full collection.
 */
export class IdleOrder<Item extends Idling<Item>> {
  oldest: Item | null = null;
  #newest: Item | null = null;
  size = 0;

  /** It was active just now. */
  push(item: Item): void {
    item.order?.remove(item);
    item.order = this;
    item.older = this.#newest;
    if (this.#newest) this.#newest.newer = item;
    else this.oldest = item;
    this.#newest = item;
    this.size++;
  }

  remove(item: Item): void {
    if (item.order !== this) return;
    const { older, newer } = item;
    if (older) older.newer = newer;
    else this.oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    item.older = item.newer = item.order = null;
    this.size--;
  }
}
