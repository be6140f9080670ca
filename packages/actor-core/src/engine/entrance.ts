import { DfnsError } from '../errors/dfns-error.ts';
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
  #calls = 0;

  constructor(
    bounds: AdmissionBounds,
    clock: Pick<Clock, 'lag'>,
    chance: Pick<Chance, 'random'>,
    waiting: () => number,
  ) {
    this.bounds = bounds;
    this.#clock = clock;
    this.#chance = chance;
    this.#waiting = waiting;
  }

  /** Calls that are not durable yet. */
  get calls(): number {
    return this.#calls;
  }

  /** OVERLOADED where the call must not enter. `id` is its execution's, `mailbox` what waits there. */
  refusal(entry: Entry, id: string, mailbox: number): DfnsError | null {
    const load = { calls: this.#calls, waiting: this.#waiting(), mailbox, lagMs: this.#clock.lag() };
    const reason = overloadOf(entry, load, this.bounds);
    if (!reason) return null;
    return new DfnsError('OVERLOADED', `${this.#why(reason, id, load)} Nothing was done; try again after a moment.`, {
      details: { reason, retryAfterMs: retryAfterMs(load, this.#chance.random()) },
    });
  }

  /** Counts a call until it is settled. */
  hold<T>(call: Promise<T>): Promise<T> {
    this.#calls++;
    return call.finally(this.#left);
  }

  /** A reply that counts as a call until it is given. */
  reply(accepted: () => void, refused: (error: Error) => void): Reply {
    this.#calls++;
    return new CountedReply(accepted, refused, this.#left);
  }

  readonly #left = (): void => {
    this.#calls--;
  };

  #why(reason: Overload, id: string, load: Load): string {
    switch (reason) {
      case 'mailbox':
        return `The mailbox of "${id}" is full (${this.bounds.mailbox} messages).`;
      case 'backlog':
        return `This node has ${Math.max(load.calls, load.waiting)} calls and writes in hand that are not stored yet.`;
      case 'event-loop':
        return `The event loop of this node is ${Math.round(load.lagMs)} ms late.`;
    }
  }
}

class CountedReply implements Reply {
  readonly #accepted: () => void;
  readonly #refused: (error: Error) => void;
  #left: (() => void) | null;

  constructor(accepted: () => void, refused: (error: Error) => void, left: () => void) {
    this.#accepted = accepted;
    this.#refused = refused;
    this.#left = left;
  }

  accepted(): void {
    this.#leave();
    this.#accepted();
  }

  refused(error: Error): void {
    this.#leave();
    this.#refused(error);
  }

  /** Counted once, however often it is told. */
  #leave(): void {
    this.#left?.();
    this.#left = null;
  }
}
