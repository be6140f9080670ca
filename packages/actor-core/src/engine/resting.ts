import { BOUNDS } from '../bounds.ts';
import type { Millis } from '../time/duration.ts';
import type { Timers } from './timers.ts';

/** How soon an actor is looked at again that could not rest or leave. */
const LOOK_AGAIN_MS = 1_000;
/** Actors looked at for one to put out; where none of them can go, memory is over its bound until some can. */
const SHED_LOOKS = 64;

const ORDER_PARTS = 20;

/** Of an actor, what says whether it rests. */
export interface Restable {
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
 * `passivateAfter` says so, the longest idle leave memory. Both sets are in order of the last activity.
 */
export class Resting<Actor extends Restable> {
  readonly #timers: Timers;
  readonly #host: RestingHost<Actor>;
  readonly #restMs: number;
  readonly #active = new Set<Actor>();
  readonly #rested = new Set<Actor>();
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
    if (this.#active.has(actor) && now - actor.lastActive < this.#restMs / ORDER_PARTS) return;
    this.#rested.delete(actor);
    this.#active.delete(actor);
    this.#active.add(actor);
    actor.lastActive = now;
    this.#arm();
    this.#shed();
  }

  /** Its time to rest or leave had come, but it could not: it is looked at again later. */
  keep(actor: Actor): void {
    if (this.#active.has(actor)) return;
    this.#rested.delete(actor);
    // As if it had been active so much later: where actors leave at once, those that cannot would be asked for ever.
    actor.lastActive = this.#host.now() + Math.max(0, LOOK_AGAIN_MS - this.#restMs);
    this.#active.add(actor);
    this.#arm();
  }

  gone(actor: Actor): void {
    this.#active.delete(actor);
    this.#rested.delete(actor);
  }

  #arm(): void {
    if (this.#alarm) return;
    let at = Infinity;
    for (const actor of this.#active) {
      at = actor.lastActive + this.#restMs;
      break;
    }
    const after = this.#host.passivateAfterMs;
    if (after !== undefined) {
      for (const actor of this.#rested) {
        at = Math.min(at, actor.lastActive + after);
        break;
      }
    }
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
    for (const actor of this.#rested) {
      if (actor.lastActive + after > now) break;
      leaving.push(actor);
    }
    for (const actor of this.#active) {
      if (actor.lastActive + this.#restMs > now) break;
      // Leaving writes the row too: a write of its own would keep it busy.
      if (actor.lastActive + after <= now) {
        leaving.push(actor);
        continue;
      }
      this.#active.delete(actor);
      this.#rested.add(actor);
      if (actor.stale) this.#host.settle(actor);
    }
    this.#passivate(leaving);
  }

  #shed(): void {
    let over = this.#active.size + this.#rested.size - this.#host.residents;
    if (over <= 0) return;
    let looks = SHED_LOOKS;
    const leaving: Actor[] = [];
    for (const set of [this.#rested, this.#active]) {
      for (const actor of set) {
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
      this.#rested.delete(actor);
      this.#active.delete(actor);
      this.#host.passivate(actor);
    }
  }
}
