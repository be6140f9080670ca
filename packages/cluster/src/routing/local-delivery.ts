import {
  storeSilent,
  type Engine,
  type MessageOfStart,
  type RetryFrom,
  type StartRequest,
} from '@dfnsjs/actor-core/engine';
import type { InboxRow, Store } from '@dfnsjs/actor-core/ports';
import type { Eid, MessageId, Payload } from '@dfnsjs/actor-core/records';
import type { Persistence } from '../shards/persistence.ts';
import type { Peer } from './peer.ts';

type Turn = { readonly runId: string; readonly turn: number };

/** Brings what arrives at this node to its engine. */
export class LocalDelivery implements Peer {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #persistence: Persistence;
  /** Rows whose receivers are being looked up, in order. */
  readonly #looking = new Map<Eid, InboxRow[]>();

  constructor(engine: Engine, store: Store, persistence: Persistence) {
    this.#engine = engine;
    this.#store = store;
    this.#persistence = persistence;
  }

  start(request: StartRequest) {
    return this.#engine.start(request);
  }

  signalWithStart(request: StartRequest, message: MessageOfStart) {
    return this.#engine.signalWithStart(request, message);
  }

  updateWithStart(request: StartRequest, message: MessageOfStart, until: 'accepted' | 'answered') {
    return this.#engine.updateWithStart(request, message, until);
  }

  signal(namespace: string, id: string, name: string, payload: Payload, messageId: MessageId, caller?: string) {
    return this.#engine.signal(namespace, id, name, payload, messageId, caller);
  }

  update(namespace: string, id: string, name: string, payload: Payload, messageId: MessageId) {
    return this.#engine.update(namespace, id, name, payload, messageId);
  }

  startUpdate(namespace: string, id: string, name: string, payload: Payload, messageId: MessageId) {
    return this.#engine.startUpdate(namespace, id, name, payload, messageId);
  }

  updateOutcome(namespace: string, id: string, messageId: MessageId, abort?: AbortSignal) {
    return this.#engine.updateOutcome(namespace, id, messageId, abort);
  }

  query(namespace: string, id: string, name: string, input: Payload, atTurn?: number) {
    return this.#engine.query(namespace, id, name, input, atTurn);
  }

  cancel(namespace: string, id: string, reason: string | null, messageId: MessageId) {
    return this.#engine.cancel(namespace, id, reason, messageId);
  }

  terminate(namespace: string, id: string, reason: string | null, messageId?: MessageId) {
    return this.#engine.terminate(namespace, id, reason, messageId);
  }

  remove(namespace: string, id: string) {
    return this.#engine.remove(namespace, id);
  }

  amend(...call: Parameters<Engine['amend']>) {
    return this.#engine.amend(...call);
  }

  overrideTask(...call: Parameters<Engine['overrideTask']>) {
    return this.#engine.overrideTask(...call);
  }

  retry(namespace: string, id: string, from?: RetryFrom) {
    return this.#engine.retry(namespace, id, from);
  }

  result(namespace: string, id: string, abort?: AbortSignal) {
    return this.#engine.result(namespace, id, abort);
  }

  turn(namespace: string, id: string, after?: Turn, abort?: AbortSignal) {
    return this.#engine.turn(namespace, id, after, abort);
  }

  glimpseCommitted(namespace: string, id: string) {
    return this.#engine.glimpseCommitted(namespace, id);
  }

  async workflowOf(namespace: string, id: string) {
    const run = this.#engine.runOf(namespace, id);
    if (run) return run;
    try {
      return await this.#store.current(namespace, id);
    } catch (error) {
      throw storeSilent(error);
    }
  }

  deliver(rows: readonly InboxRow[]): void {
    for (const row of rows) {
      const looking = this.#looking.get(row.receiver);
      if (looking) {
        looking.push(row);
        continue;
      }
      const resident = this.#engine.residentOf(row.receiver);
      if (resident) this.#engine.receive(row, resident.namespace, resident.id);
      else void this.#lookUp(row);
    }
  }

  /** A row names an execution by its first run, which may be neither the newest nor in memory. */
  async #lookUp(row: InboxRow): Promise<void> {
    const { receiver } = row;
    const rows = [row];
    this.#looking.set(receiver, rows);
    const runs = await this.#persistence.attempt('finding the receiver of a message', () =>
      this.#store.chain(receiver),
    );
    this.#looking.delete(receiver);
    if (!runs) return;
    const run = runs.at(-1);
    // Deleted between the look of its sender and the sender's turn.
    if (!run) return this.#engine.dropRows(rows);
    for (const each of rows) this.#engine.receive(each, run.namespace, run.id);
  }
}
