import { nextTick } from 'node:process';
import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Agenda } from './agenda.ts';
import type { Hops } from './hops.ts';

const RECHECK_MS = 60_000;

/**
 * A node's clock in a world: the world's time plus an error of its own. Its timers measure distances, as a machine's
 * do, so that a moment's error moves none of them; long ones look at the clock again and again, so that a correction
 * does. While the node's process stands still nothing rings; after its death nothing does any more.
 */
export class NodeClock implements Clock {
  /** How far it is off, in milliseconds. */
  skew = 0;
  dead = false;
  readonly #agenda: Agenda;
  readonly #hops: Hops;
  readonly #steady: boolean;
  /** What happens when the process goes on; null: it runs. */
  #stood: (() => void)[] | null = null;

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
    let cancelled = false;
    const wait = () => {
      const distance = at - this.now();
      const longest = this.#steady ? distance : Math.min(distance, RECHECK_MS);
      appointment = this.#agenda.after(longest, () =>
        this.run(() => {
          if (cancelled) return;
          if (longest < distance) wait();
          else fn();
        }),
      );
    };
    wait();
    return {
      cancel: () => {
        cancelled = true;
        appointment.cancel();
      },
    };
  }

  hop(fn: () => void): void {
    if (this.dead) return;
    this.#hops.queue(() => this.run(fn));
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

  /** Something comes to the process from outside: at once, when it goes on, or never. */
  run(fn: () => void): void {
    if (this.dead) return;
    if (this.#stood) this.#stood.push(fn);
    else fn();
  }

  get isPaused(): boolean {
    return this.#stood !== null;
  }

  /** The process stands still, as under SIGSTOP. */
  pause(): void {
    this.#stood ??= [];
  }

  /** It goes on, with all that came meanwhile, in order. */
  resume(): void {
    const stood = this.#stood ?? [];
    this.#stood = null;
    for (const fn of stood) this.hop(fn);
  }
}
