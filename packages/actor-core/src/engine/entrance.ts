import { DfnsError } from '../errors/dfns-error.ts';
import type { Held } from '../execution/execution.ts';
import type { Reply } from '../actor/mailbox.ts';
import type { Chance } from '../ports/chance.ts';
import type { Clock } from '../ports/clock.ts';
import { type AdmissionBounds, type Entry, type Load, type Overload, overloadOf, retryAfterMs } from './admission.ts';

/** Where calls of clients enter: counts those that are not durable yet, and refuses what is more than can be held. */
export class Entrance {
  readonly bounds: AdmissionBounds;
  readonly #clock: Pick<Clock, 'lag'>;
  readonly #chance: Pick<Chance, 'random'>;
  /** Actors and writes that wait. */
  readonly #waiting: () => number;
  readonly #bodies: () => number;
  readonly #silentMs: () => number;
  readonly #rejected: (reason: Overload) => void;
  #calls = 0;
  #bytes = 0;

  constructor(
    bounds: AdmissionBounds,
    clock: Pick<Clock, 'lag'>,
    chance: Pick<Chance, 'random'>,
    waiting: () => number,
    bodies: () => number,
    silentMs: () => number,
    rejected: (reason: Overload) => void = () => undefined,
  ) {
    this.bounds = bounds;
    this.#clock = clock;
    this.#chance = chance;
    this.#waiting = waiting;
    this.#bodies = bodies;
    this.#silentMs = silentMs;
    this.#rejected = rejected;
  }

  /** Calls that are not durable yet. */
  get calls(): number {
    return this.#calls;
  }

  /** OVERLOADED where the call must not enter. `id` is its execution's, `mailbox` what waits there. */
  refusal(entry: Entry, id: string, mailbox: number): DfnsError | null {
    const load = {
      calls: this.#calls,
      waiting: this.#waiting(),
      bytes: this.#bytes,
      bodies: this.#bodies(),
      mailbox,
      lagMs: this.#clock.lag(),
      silentMs: this.#silentMs(),
    };
    const reason = overloadOf(entry, load, this.bounds);
    if (!reason) return null;
    this.#rejected(reason);
    return new DfnsError('OVERLOADED', `${this.#why(reason, id, load)} Nothing was done; try again after a moment.`, {
      details: { reason, retryAfterMs: retryAfterMs(load, this.#chance.random()) },
    });
  }

  /** Counts a call, with the bytes that came with it, until it is settled. */
  hold<T>(bytes: number, call: Promise<T>): Promise<T> {
    this.#entered(bytes);
    return call.finally(() => this.#left(bytes));
  }

  /** A reply that counts as a call until it is given. */
  reply(bytes: number, reply: Reply): Reply {
    this.#entered(bytes);
    return new CountedReply(reply, bytes, this.#left);
  }

  #entered(bytes: number): void {
    this.#calls++;
    this.#bytes += bytes;
  }

  readonly #left = (bytes: number): void => {
    this.#calls--;
    this.#bytes -= bytes;
  };

  #why(reason: Overload, id: string, load: Load): string {
    switch (reason) {
      case 'mailbox':
        return `The mailbox of "${id}" is full (${this.bounds.mailbox} messages).`;
      case 'backlog':
        return `This node has ${Math.max(load.calls, load.waiting)} calls and writes in hand that are not stored yet.`;
      case 'bytes':
        return `The calls that this node has in hand brought ${load.bytes} bytes that are not stored yet.`;
      case 'bodies':
        return `This node has ${load.bodies} task bodies in hand.`;
      case 'event-loop':
        return `The event loop of this node is ${Math.round(load.lagMs)} ms late.`;
      case 'store':
        return `The store has taken nothing for ${Math.round(load.silentMs)} ms.`;
    }
  }
}

class CountedReply implements Reply {
  readonly traceparent?: string;
  readonly #reply: Reply;
  readonly #bytes: number;
  #left: ((bytes: number) => void) | null;

  constructor(reply: Reply, bytes: number, left: (bytes: number) => void) {
    if (reply.traceparent !== undefined) this.traceparent = reply.traceparent;
    this.#reply = reply;
    this.#bytes = bytes;
    this.#left = left;
  }

  accepted(held?: Held): void {
    this.#leave();
    this.#reply.accepted(held);
  }

  refused(error: Error): void {
    this.#leave();
    this.#reply.refused(error);
  }

  /** Counted once, however often it is told. */
  #leave(): void {
    this.#left?.(this.#bytes);
    this.#left = null;
  }
}
