import { nextTick } from 'node:process';
import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Agenda } from './agenda.ts';
import type { Hops } from './hops.ts';

/**
 * A node's clock in a world: the world's time plus an error of its own. Its timers measure distances, as a machine's
 * do, so that a jump of the clock moves none of them. After the node's death it rings and hops no more.
 */
export class NodeClock implements Clock {
  /** How far it is off, in milliseconds. */
  skew = 0;
  dead = false;
  readonly #agenda: Agenda;
  readonly #hops: Hops;

  constructor(agenda: Agenda, hops: Hops) {
    this.#agenda = agenda;
    this.#hops = hops;
  }

  now(): number {
    return this.#agenda.now + this.skew;
  }

  setTimer(at: number, fn: () => void): Timer {
    return this.#agenda.after(at - this.now(), () => {
      if (!this.dead) fn();
    });
  }

  hop(fn: () => void): void {
    if (this.dead) return;
    this.#hops.queue(() => {
      if (!this.dead) fn();
    });
  }

  afterMicrotasks(fn: () => void): void {
    nextTick(() => {
      if (!this.dead) fn();
    });
  }
}
