/** Removals that are not worth a new table. */
const FEW = 64;

/**
 * A Map of what comes and passes. V8 builds a Map's table anew whenever removed entries fill it, and links the old table to
 * the new one: once a table has survived into the old generation, all that later tables ever held is kept until a full
 * collection, though nothing refers to it. So this one goes over to another Map after a while, which nothing links to the
 * one before: no chain is longer than a few tables.
 */
export class PassingMap<Key, Value> {
  #map = new Map<Key, Value>();
  #removed = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  set(key: Key, value: Value): void {
    this.#map.set(key, value);
  }

  delete(key: Key): boolean {
    if (!this.#map.delete(key)) return false;
    if (++this.#removed > Math.max(this.#map.size >> 1, FEW)) {
      this.#map = new Map(this.#map);
      this.#removed = 0;
    }
    return true;
  }

  clear(): void {
    this.#map = new Map();
    this.#removed = 0;
  }

  /** As the Map's: whoever adds or removes meanwhile takes a copy. */
  keys(): Iterable<Key> {
    return this.#map.keys();
  }

  /** As `keys`. */
  values(): Iterable<Value> {
    return this.#map.values();
  }

  /** As `keys`. */
  entries(): Iterable<[Key, Value]> {
    return this.#map.entries();
  }
}
