import type { RunRow } from '../execution/execution.ts';
import type { Status } from '../execution/status.ts';
import type { MessageId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import type { KnownUpdate } from '../state/dedupe.ts';
import { PassingMap } from './passing-map.ts';

/** How an execution ended: its last run's status and what came of it. */
export interface Closed {
  readonly status: Exclude<Status, 'running' | 'continued-as-new'>;
  readonly output: Payload | null;
  /** Of the last run; null where it is not at hand. */
  readonly runId: RunRow['runId'] | null;
}

type Waiter<T> = (outcome: T) => void;
type EndWaiter = Waiter<Closed | Error>;

/** Who at this node awaits what: the end of executions by address, the outcomes of updates by message. */
export class Callers {
  readonly #ends = new PassingMap<string, EndWaiter[]>();
  readonly #updates = new PassingMap<
    MessageId,
    { readonly key: string; readonly waiters: Waiter<KnownUpdate | Error>[] }
  >();

  /** Calls `waiter` once the execution has ended; gives what takes it back. */
  awaitEnd(key: string, waiter: EndWaiter): () => void {
    const waiters = this.#ends.get(key);
    if (waiters) waiters.push(waiter);
    else this.#ends.set(key, [waiter]);
    return () => {
      const left = this.#ends.get(key) ?? [];
      const at = left.indexOf(waiter);
      if (at < 0) return;
      left.splice(at, 1);
      if (left.length === 0) this.#ends.delete(key);
    };
  }

  ended(key: string, closed: Closed | Error): void {
    const waiters = this.#ends.get(key);
    if (!waiters) return;
    this.#ends.delete(key);
    for (const waiter of waiters) waiter(closed);
  }

  /** Calls `waiter` once the update is answered; gives what takes it back. */
  awaitUpdate(key: string, id: MessageId, waiter: Waiter<KnownUpdate | Error>): () => void {
    const known = this.#updates.get(id);
    if (known) known.waiters.push(waiter);
    else this.#updates.set(id, { key, waiters: [waiter] });
    return () => {
      const { waiters = [] } = this.#updates.get(id) ?? {};
      const at = waiters.indexOf(waiter);
      if (at < 0) return;
      waiters.splice(at, 1);
      if (waiters.length === 0) this.#updates.delete(id);
    };
  }

  /** Answers what an execution that was read back knows by now of its updates. */
  answerKnown(key: string, outcomeOf: (id: MessageId) => KnownUpdate | null | undefined): void {
    for (const [id, waiting] of [...this.#updates.entries()]) {
      const outcome = waiting.key === key ? outcomeOf(id) : undefined;
      if (outcome) this.answered(id, outcome);
    }
  }

  answered(id: MessageId, outcome: KnownUpdate | Error): void {
    const known = this.#updates.get(id);
    if (!known) return;
    this.#updates.delete(id);
    for (const waiter of known.waiters) waiter(outcome);
  }

  /** The executions of these addresses are another node's now: their callers ask there. */
  failWhere(isGone: (key: string) => boolean, error: Error): void {
    for (const key of [...this.#ends.keys()]) if (isGone(key)) this.ended(key, error);
    for (const [id, { key }] of [...this.#updates.entries()]) if (isGone(key)) this.answered(id, error);
  }

  /** Whoever still waits will not be answered here. */
  failAll(error: Error): void {
    this.failWhere(() => true, error);
  }
}
