import type { Actor } from '../actor/actor.ts';
import { setRunning } from '../actor/running.ts';
import type { Clock } from '../ports/clock.ts';
import { FairQueue } from './fair-queue.ts';
import type { Millis } from '../time/duration.ts';

/** Actors whose messages are applied before other work of the process gets its turn. */
const ACTORS_A_ROUND = 256;

/**
 * Gives every actor with mail its turn: one round queues a hop for each message and one behind them that collects, so
 * that nothing but the workflows' own microtasks runs in between.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #messagesPerTurn: number;
  readonly #collected: (actors: readonly Actor[]) => void;
  readonly #ready = new FairQueue<Actor>(actor => actor.state.run.namespace);
  #scheduled = false;
  /** The clock as the last round began. */
  now: Millis;
  /** The same by the stopwatch; 0 without one. */
  began = 0;
  readonly #elapsed: (() => number) | undefined;
  #stopped = false;

  constructor(
    clock: Clock,
    messagesPerTurn: number,
    collected: (actors: readonly Actor[]) => void,
    elapsed?: () => number,
  ) {
    this.#elapsed = elapsed;
    this.#clock = clock;
    this.now = clock.now();
    this.#messagesPerTurn = messagesPerTurn;
    this.#collected = collected;
  }

  /** The actor has mail, and may take a turn. */
  ready(actor: Actor): void {
    if (actor.queued || actor.committing || actor.dropped || actor.mailbox.size === 0) return;
    actor.queued = true;
    this.#ready.push(actor);
    this.#schedule();
  }

  /** Actors that wait for their turn. */
  get depth(): number {
    return this.#ready.size;
  }

  stop(): void {
    this.#stopped = true;
    this.#ready.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#clock.hop(this.#round);
  }

  readonly #round = (): void => {
    if (this.#stopped) return;
    this.now = this.#clock.now();
    if (this.#elapsed) this.began = this.#elapsed();
    let room = ACTORS_A_ROUND;
    const actors = this.#ready.take(() => room-- > 0);
    let at = 0;
    let left = 0;
    // One function for all hops: they run in the order they are queued, so each knows whose turn it is.
    const next = () => {
      while (left === 0) left = counts[at++]!;
      left--;
      actors[at - 1]!.applyNext();
    };
    const counts = actors.map(actor => Math.min(actor.mailbox.size, this.#messagesPerTurn));
    for (const count of counts) for (let i = 0; i < count; i++) this.#clock.hop(next);
    this.#clock.hop(() => {
      setRunning(null);
      this.#scheduled = false;
      if (this.#stopped) return;
      for (const actor of actors) actor.queued = false;
      this.#collected(actors);
      if (this.#ready.size > 0) this.#schedule();
    });
  };
}
