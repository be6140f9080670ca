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

  get(id: MessageId): KnownMessage | undefined {
    return this.#known.get(sameMessage(id));
  }

  add(id: MessageId, at: Millis): void {
    this.#known.set(sameMessage(id), { id, at, outcome: null });
    for (const [oldest, known] of this.#known) {
      const { size } = this.#known;
      if (size <= BOUNDS.dedupeIdsKept || (size <= BOUNDS.dedupeIds && known.at >= at - BOUNDS.dedupeMs)) break;
      this.#known.delete(oldest);
    }
  }

  answered(id: MessageId, outcome: KnownUpdate): void {
    const known = this.get(id);
    if (known) known.outcome = outcome;
  }

  entries(): Iterable<KnownMessage> {
    return this.#known.values();
  }
}
