import { DfnsError } from '@dfnsjs/actor-core';
import { closed, keyUsed, notFound, storeSilent, whetherTaken } from '@dfnsjs/actor-core/engine';
import { OutcomeUnknownError, type Clock, type InboxKey, type Store } from '@dfnsjs/actor-core/ports';
import {
  EIDS_PER_ORDINAL,
  encodeMessage,
  isKeyed,
  isOpen,
  type Eid,
  type Incarnation,
  type Message,
  type MessageId,
  type Millis,
  type ShardId,
} from '@dfnsjs/actor-core/records';
import type { Persistence } from '../shards/persistence.ts';
import type { CallName } from './calls.ts';
import type { Peer } from './peer.ts';
import { nobody, unknownOutcome } from './unanswered.ts';

type StoreCalls = Pick<Store, 'current' | 'chain' | 'load'> & Required<Pick<Store, 'accept' | 'untaken'>>;

export interface StoredMessagesOptions {
  readonly store: StoreCalls;
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly persistence: Persistence;
  readonly self: Incarnation;
  /** Of this incarnation. */
  readonly ordinal: number;
}

/** Not of a store that is one process's. */
export function canStoreMessages(store: Store): store is Store & StoreCalls {
  return store.accept !== undefined && store.untaken !== undefined;
}

type ClientMessage = Extract<Message, { kind: 'signal' | 'cancel' }>;

/** How long the store is tried, and then how long a message waits to be taken. Longer than a takeover. */
const PATIENCE_MS: Millis = 10_000;
const TRY_AGAIN_MS: Millis = 100;
const LOOK_MS: Millis = 200;
/** Keys in one look at the inbox. */
const LOOKED_AT_ONCE = 1_000;

interface Waiting {
  readonly key: InboxKey;
  readonly until: Millis;
  settle(isTaken: boolean): void;
}

/**
 * Signals and cancels to executions of other nodes while these cannot be asked: they become rows of the inbox, which
 * owners read again and again meanwhile. They count as accepted once they are taken, not once the row is there: its owner
 * has not read it then, and would take what the same caller sends next before it.
 */
export class StoredMessages {
  readonly #options: StoredMessagesOptions;
  /** As the sender of its rows; no run has this number. */
  readonly #sender: Eid;
  #count = 0;
  readonly #waiting = new Set<Waiting>();
  #isLooking = false;

  constructor(options: StoredMessagesOptions) {
    this.#options = options;
    this.#sender = (options.ordinal * EIDS_PER_ORDINAL) as Eid;
  }

  /** A call that no node was asked for yet; undefined where it needs the owner. */
  call(shard: ShardId, name: CallName, args: readonly unknown[]): Promise<unknown> | undefined {
    switch (name) {
      case 'signal': {
        const [namespace, id, signal, payload, messageId] = args as Parameters<Peer['signal']>;
        const base = { kind: 'signal', at: 0, sender: 0, number: 0 } as const;
        return this.#send(shard, namespace, id, { ...base, id: messageId, name: signal, payload });
      }
      case 'cancel': {
        const [namespace, id, reason, messageId] = args as Parameters<Peer['cancel']>;
        return this.#send(shard, namespace, id, { kind: 'cancel', at: 0, id: messageId, reason });
      }
      case 'workflowOf': {
        const [namespace, id] = args as Parameters<Peer['workflowOf']>;
        return this.#options.store.current(namespace, id).catch(failed);
      }
      default:
        return undefined;
    }
  }

  /** Resolves when the execution has taken the message, as the engine's own calls do; rejects as they do. */
  async #send(shard: ShardId, namespace: string, id: string, message: ClientMessage): Promise<void> {
    const { store, clock } = this.#options;
    const run = await store.current(namespace, id).catch(failed);
    if (!run) throw notFound(namespace, id);
    const receiver = run.first;
    if (!isOpen(run.status)) return this.#assertTaken(receiver, id, message.id!);
    const key = {
      ...{ shard, receiver, accepted: Math.floor(clock.now()) },
      ...{ sender: this.#sender, number: ++this.#count },
    };
    if (await this.#put(key, id, message)) await this.#untilTaken(key, id);
    await this.#assertTaken(receiver, id, message.id!);
  }

  /** false: the execution has ended. */
  async #put(key: InboxKey, id: string, message: ClientMessage): Promise<boolean> {
    const { store, clock, persistence, self } = this.#options;
    const row = { ...key, message: encodeMessage(message) };
    const until = clock.elapsed() + PATIENCE_MS;
    for (let mayBeThere = false; ;) {
      try {
        const acceptance = await store.accept(self, row);
        if (acceptance === 'accepted') return true;
        if (acceptance === 'closed') return false;
        throw mayBeThere ? unknownOutcome(id) : nobody(id);
      } catch (error) {
        if (error instanceof DfnsError) throw error;
        mayBeThere ||= error instanceof OutcomeUnknownError;
        if (persistence.stopped || clock.elapsed() > until) throw mayBeThere ? unknownOutcome(id) : storeSilent(error);
        await persistence.wait(TRY_AGAIN_MS);
      }
    }
  }

  async #untilTaken(key: InboxKey, id: string): Promise<void> {
    const until = this.#options.clock.elapsed() + PATIENCE_MS;
    const isTaken = await new Promise<boolean>(resolve => {
      const waiting: Waiting = {
        key,
        until,
        settle: isTaken => {
          this.#waiting.delete(waiting);
          resolve(isTaken);
        },
      };
      this.#waiting.add(waiting);
      if (!this.#isLooking) void this.#look();
    });
    if (!isTaken) throw unknownOutcome(id);
  }

  /** One look serves all that wait. */
  async #look(): Promise<void> {
    const { store, clock, persistence } = this.#options;
    this.#isLooking = true;
    while (this.#waiting.size > 0 && !persistence.stopped) {
      await persistence.wait(LOOK_MS);
      const all = [...this.#waiting];
      for (let at = 0; at < all.length; at += LOOKED_AT_ONCE) {
        const some = all.slice(at, at + LOOKED_AT_ONCE);
        const left = await store.untaken(some.map(({ key }) => key)).catch(() => undefined);
        const there = left && new Set(left.map(({ number }) => number));
        for (const waiting of some) {
          if (there && !there.has(waiting.key.number)) waiting.settle(true);
          else if (clock.elapsed() > waiting.until) waiting.settle(false);
        }
      }
    }
    this.#isLooking = false;
    for (const waiting of this.#waiting) waiting.settle(false);
  }

  /** The row is gone, or was never put: of an execution that goes on nothing but its turns deletes rows. */
  async #assertTaken(receiver: Eid, id: string, messageId: MessageId): Promise<void> {
    const { store } = this.#options;
    const run = (await store.chain(receiver).catch(() => [])).at(-1);
    if (!run) throw unknownOutcome(id);
    // Of two messages of one key the second is dropped.
    if (isOpen(run.status) && !isKeyed(messageId)) return;
    const [loaded] = await store.load([run.eid]).catch(() => []);
    if (!loaded) throw unknownOutcome(id);
    const taken = whetherTaken(loaded, messageId);
    if (taken === 'other') throw keyUsed();
    if (taken === 'not') throw isOpen(run.status) ? unknownOutcome(id) : closed(id);
  }
}

function failed(error: unknown): never {
  throw storeSilent(error);
}
