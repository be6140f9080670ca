import { DfnsError } from '@dfnsjs/actor-core';
import { closed, keyUsed, notFound, storeSilent, whetherTaken } from '@dfnsjs/actor-core/engine';
import {
  inboxKeyOf,
  OutcomeUnknownError,
  type Clock,
  type InboxKey,
  type InboxRow,
  type Store,
} from '@dfnsjs/actor-core/ports';
import {
  encodeMessage,
  isKeyed,
  isOpen,
  type Eid,
  type Incarnation,
  type Message,
  type MessageId,
  type Millis,
  type RunRow,
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
  /** Tells the owner of the shard, if it can be reached, that there is something to read. */
  ring(shard: ShardId): void;
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
  /** As the sender of its rows, apart from all runs and other nodes. */
  readonly #sender: Eid;
  #count = 0;
  readonly #waiting = new Set<Waiting>();
  #isLooking = false;

  constructor(options: StoredMessagesOptions) {
    this.#options = options;
    this.#sender = -options.ordinal as Eid;
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

  /** Others can be reached again. */
  ringAll(): void {
    for (const shard of new Set([...this.#waiting].map(({ key }) => key.shard))) this.#options.ring(shard);
  }

  /** Resolves when the execution has taken the message, as the engine's own calls do; rejects as they do. */
  async #send(shard: ShardId, namespace: string, id: string, message: ClientMessage): Promise<void> {
    const { store, clock } = this.#options;
    const run = await store.current(namespace, id).catch(failed);
    if (!run) throw notFound(namespace, id);
    const receiver = run.first;
    if (!isOpen(run.status)) return this.#assertTakenBefore(receiver, id, message.id!, false);
    const row: InboxRow = {
      ...{ shard, receiver, accepted: Math.floor(clock.now()) },
      ...{ sender: this.#sender, number: ++this.#count, message: encodeMessage(message) },
    };
    const { accepted, mayBeThere } = await this.#put(row, id);
    if (accepted === null) return this.#assertTakenBefore(receiver, id, message.id!, mayBeThere);
    await this.#untilTaken({ ...inboxKeyOf(row), accepted }, id);
    await this.#assertTaken(receiver, id, message.id!);
  }

  /** `accepted` null: the execution has ended; `mayBeThere`: the message may be put there all the same. */
  async #put(row: InboxRow, id: string): Promise<{ readonly accepted: number | null; readonly mayBeThere: boolean }> {
    const { store, clock, persistence, self, ring } = this.#options;
    const until = clock.elapsed() + PATIENCE_MS;
    for (let mayBeThere = false; ;) {
      try {
        const acceptance = await store.accept(self, row);
        if (acceptance === 'closed') return { accepted: null, mayBeThere };
        if (typeof acceptance === 'string') throw mayBeThere ? unknownOutcome(id) : nobody(id);
        ring(row.shard);
        return { accepted: acceptance, mayBeThere };
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

  /** The row is gone: of an execution that goes on nothing but its turns deletes rows. */
  async #assertTaken(receiver: Eid, id: string, messageId: MessageId): Promise<void> {
    const runs = await this.#chain(receiver, id);
    const open = runs.find(({ status }) => isOpen(status));
    // One that was retried may have ended before, and its rows gone with that.
    const wentOn = runs.every(({ status }) => isOpen(status) || status === 'continued-as-new');
    // Of two messages of one key the second is dropped.
    if (open && wentOn && !isKeyed(messageId)) return;
    const taken = await this.#whetherTaken(open ?? runs.at(-1)!, id, messageId);
    if (taken === 'not') throw open ? unknownOutcome(id) : closed(id);
  }

  /** The execution had ended: it took the message in an earlier try, or not at all. */
  async #assertTakenBefore(receiver: Eid, id: string, messageId: MessageId, mayBeThere: boolean): Promise<void> {
    const runs = await this.#chain(receiver, id);
    const open = runs.find(({ status }) => isOpen(status));
    const taken = await this.#whetherTaken(open ?? runs.at(-1)!, id, messageId);
    if (taken === 'not') throw open && mayBeThere ? unknownOutcome(id) : closed(id);
  }

  /** Never empty. */
  async #chain(receiver: Eid, id: string): Promise<readonly RunRow[]> {
    const runs = await this.#options.store.chain(receiver).catch(() => []);
    if (runs.length === 0) throw unknownOutcome(id);
    return runs;
  }

  async #whetherTaken({ eid }: RunRow, id: string, messageId: MessageId): Promise<'taken' | 'not'> {
    const [loaded] = await this.#options.store.load([eid]).catch(() => []);
    if (!loaded) throw unknownOutcome(id);
    const taken = whetherTaken(loaded, messageId);
    if (taken === 'other') throw keyUsed();
    return taken;
  }
}

function failed(error: unknown): never {
  throw storeSilent(error);
}
