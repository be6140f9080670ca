import { BOUNDS } from '../bounds.ts';
import type { MessageId } from '../ids/ids.ts';
import { sameMessage } from '../ids/message-key.ts';
import type { Payload } from '../payload/payload.ts';
import type { Millis } from '../time/duration.ts';

export interface KnownUpdate {
  readonly ok: boolean;
  readonly payload: Payload;
}

export interface KnownMessage {
  readonly id: MessageId;
  readonly at: Millis;
  /** Of an update that was answered. */
  outcome: KnownUpdate | null;
}

/**
 * The ids of clients' messages an execution has taken: the last 24 hours, 10,000 at most. Moves with the execution. The
 * last few stay whatever the clock says: one that is a day ahead for a moment must not have a retry taken twice. Ids
 * made of one key are one message, even with another body: `id` says which was taken.
 */
export class DedupeWindow {
  readonly #known = new Map<MessageId, KnownMessage>();
  /**
   * Their keys, oldest first, from `#first` on; null while there are few. Whoever looks for the oldest in the map itself
   * walks over the holes that all those before it have left.
   */
  #keys: MessageId[] | null = null;
  #first = 0;

  get(id: MessageId): KnownMessage | undefined {
    return this.#known.get(sameMessage(id));
  }

  add(id: MessageId, at: Millis): void {
    const key = sameMessage(id);
    const before = this.#known.size;
    this.#known.set(key, { id, at, outcome: null });
    if (this.#known.size <= BOUNDS.dedupeIdsKept) return;
    if (this.#keys === null) this.#keys = [...this.#known.keys()];
    else if (this.#known.size > before) this.#keys.push(key);
    while (!this.#isKept(this.#keys[this.#first]!, at)) this.#known.delete(this.#keys[this.#first++]!);
    if (this.#first < this.#known.size) return;
    this.#keys = this.#keys.slice(this.#first);
    this.#first = 0;
  }

  #isKept(oldest: MessageId, now: Millis): boolean {
    const { size } = this.#known;
    if (size <= BOUNDS.dedupeIdsKept) return true;
    return size <= BOUNDS.dedupeIds && this.#known.get(oldest)!.at >= now - BOUNDS.dedupeMs;
  }

  answered(id: MessageId, outcome: KnownUpdate): void {
    const known = this.get(id);
    if (known) known.outcome = outcome;
  }

  entries(): Iterable<KnownMessage> {
    return this.#known.values();
  }
}
