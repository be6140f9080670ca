import { IdleOrder, type Idling } from '../actor/idle-order.ts';
import { BOUNDS } from '../bounds.ts';
import type { Millis } from '../time/duration.ts';
import type { Timers } from './timers.ts';

/** How soon an actor is looked at again that could not rest or leave. */
const LOOK_AGAIN_MS = 1_000;
/** Actors looked at for one to put out; where none of them can go, memory is over its bound until some can. */
const SHED_LOOKS = 64;

const ORDER_PARTS = 20;

/** Of an actor, what says whether it rests. */
export interface Restable<Self> extends Idling<Self> {
  lastActive: Millis;
  /** Its row is older than its state. */
  stale: boolean;
  readonly committing: boolean;
  readonly queued: boolean;
  readonly mailbox: { readonly size: number };
  readonly state: { readonly inHand: number };
}

export interface RestingHost<Actor> {
  now(): Millis;
  /** Writes what lists show, and wakeAt. */
  settle(actor: Actor): void;
  /** Puts the actor out of memory, writing its row first if it must. */
  passivate(actor: Actor): void;
  readonly passivateAfterMs: number | undefined;
  readonly residents: number;
}

/**
 * Who has been idle for how long: after 10 s an actor's row is brought up to date, and where there are too many, or
 * `passivateAfter` says so, the longest idle leave memory.
 */
export class Resting<Actor extends Restable<Actor>> {
  readonly #timers: Timers;
  readonly #host: RestingHost<Actor>;
  readonly #restMs: number;
  readonly #active = new IdleOrder<Actor>();
  readonly #rested = new IdleOrder<Actor>();
  #alarm: { cancel(): void } | null = null;

  constructor(timers: Timers, host: RestingHost<Actor>) {
    this.#timers = timers;
    this.#host = host;
    this.#restMs = Math.min(BOUNDS.restMs, host.passivateAfterMs ?? BOUNDS.restMs);
  }

  /** The actor just did something; `now` where the clock was read a moment ago. */
  active(actor: Actor, now = this.#host.now()): void {
    actor.stale = true;
    // The order is kept to within a part of the time of rest: a busy actor need not move at each turn.
    if (actor.order === this.#active && now - actor.lastActive < this.#restMs / ORDER_PARTS) return;
    this.#active.push(actor);
    actor.lastActive = now;
    this.#arm();
    this.#shed();
  }

  /** Its time to rest or leave had come, but it could not: it is looked at again later. */
  keep(actor: Actor): void {
    if (actor.order === this.#active) return;
    // As if it had been active so much later: where actors leave at once, those that cannot would be asked for ever.
    actor.lastActive = this.#host.now() + Math.max(0, LOOK_AGAIN_MS - this.#restMs);
    this.#active.push(actor);
    this.#arm();
  }

  gone(actor: Actor): void {
    actor.order?.remove(actor);
  }

  #arm(): void {
    if (this.#alarm) return;
    const [{ oldest: active }, { oldest: rested }] = [this.#active, this.#rested];
    let at = active ? active.lastActive + this.#restMs : Infinity;
    const after = this.#host.passivateAfterMs;
    if (after !== undefined && rested) at = Math.min(at, rested.lastActive + after);
    if (at === Infinity) return;
    this.#alarm = this.#timers.set(at, () => {
      this.#alarm = null;
      this.#look();
      this.#arm();
    });
  }

  #look(): void {
    const now = this.#host.now();
    const after = this.#host.passivateAfterMs ?? Infinity;
    const leaving: Actor[] = [];
    for (let actor = this.#rested.oldest; actor && actor.lastActive + after <= now; actor = actor.newer) {
      leaving.push(actor);
    }
    for (let actor = this.#active.oldest, newer; actor && actor.lastActive + this.#restMs <= now; actor = newer) {
      ({ newer } = actor);
      // Leaving writes the row too: a write of its own would keep it busy.
      if (actor.lastActive + after <= now) {
        leaving.push(actor);
        continue;
      }
      this.#rested.push(actor);
      if (actor.stale) this.#host.settle(actor);
    }
    this.#passivate(leaving);
  }

  #shed(): void {
    let over = this.#active.size + this.#rested.size - this.#host.residents;
    if (over <= 0) return;
    let looks = SHED_LOOKS;
    const leaving: Actor[] = [];
    for (const order of [this.#rested, this.#active]) {
      for (let actor = order.oldest; actor; actor = actor.newer) {
        if (over <= 0 || looks-- <= 0) break;
        if (actor.committing || actor.queued || actor.mailbox.size > 0 || actor.state.inHand > 0) continue;
        over--;
        leaving.push(actor);
      }
    }
    this.#passivate(leaving);
  }

  #passivate(actors: readonly Actor[]): void {
    for (const actor of actors) {
      actor.order?.remove(actor);
      this.#host.passivate(actor);
    }
  }
}
