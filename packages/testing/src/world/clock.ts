import { nextTick } from 'node:process';
import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Agenda } from './agenda.ts';
import type { Hops } from './hops.ts';

const RECHECK_MS = 60_000;

/**
 * A node's clock in a world: the world's time plus an error of its own. Its timers measure distances, as a machine's
 * do, so that a moment's error moves none of them; long ones look at the clock again and again, so that a correction
 * does. After the node's death it rings and hops no more.
 */
export class NodeClock implements Clock {
  /** How far it is off, in milliseconds. */
  skew = 0;
  dead = false;
  readonly #agenda: Agenda;
  readonly #hops: Hops;

  readonly #steady: boolean;

  /** @param steady the clock will never be wrong */
  constructor(agenda: Agenda, hops: Hops, steady = false) {
    this.#agenda = agenda;
    this.#hops = hops;
    this.#steady = steady;
  }

  now(): number {
    return this.#agenda.now + this.skew;
  }

  elapsed(): number {
    return this.#agenda.now;
  }

  setTimer(at: number, fn: () => void): Timer {
    let appointment: Timer;
    const wait = () => {
      const distance = at - this.now();
      const longest = this.#steady ? distance : Math.min(distance, RECHECK_MS);
      appointment = this.#agenda.after(longest, () => {
        if (this.dead) return;
        if (longest < distance) wait();
        else fn();
      });
    };
    wait();
    return { cancel: () => appointment.cancel() };
  }

  hop(fn: () => void): void {
    if (this.dead) return;
    this.#hops.queue(() => {
      if (!this.dead) fn();
    });
  }

  /** Virtual time waits for the loop. */
  lag(): number {
    return 0;
  }

  afterMicrotasks(fn: () => void): void {
    nextTick(() => {
      if (!this.dead) fn();
    });
  }
}
