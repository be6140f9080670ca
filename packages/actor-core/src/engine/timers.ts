import type { Clock, Timer } from '../ports/clock.ts';
import type { Millis } from '../time/duration.ts';

interface Alarm extends Timer {
  readonly at: Millis;
  /** Ties are rung in the order they were set. */
  readonly order: number;
  ring: (() => void) | null;
}

/** All waits of a node in one heap over one timer of the clock. A cancelled one leaves when half of them are dead. */
export class Timers {
  readonly #clock: Clock;
  #heap: Alarm[] = [];
  #order = 0;
  #dead = 0;
  #armed: { readonly at: Millis; readonly timer: Timer } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length - this.#dead;
  }

  set(at: Millis, ring: () => void): Timer {
    const alarm: Alarm = { at, order: this.#order++, ring, cancel: () => this.#cancel(alarm) };
    this.#push(alarm);
    if (!this.#armed || at < this.#armed.at) this.#arm();
    return alarm;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#armed?.timer.cancel();
    this.#armed = null;
    for (const alarm of this.#heap) alarm.ring = null;
    this.#heap = [];
    this.#dead = 0;
  }

  #cancel(alarm: Alarm): void {
    if (!alarm.ring) return;
    alarm.ring = null;
    this.#dead++;
    if (this.#dead < 64 || this.#dead * 2 < this.#heap.length) return;
    const live = this.#heap.filter(each => each.ring);
    this.#heap = [];
    this.#dead = 0;
    for (const each of live) this.#push(each);
  }

  #arm(): void {
    while (this.#heap[0] && !this.#heap[0].ring) {
      this.#pop();
      this.#dead--;
    }
    const next = this.#heap[0];
    if (this.#armed && this.#armed.at === next?.at) return;
    this.#armed?.timer.cancel();
    this.#armed = next ? { at: next.at, timer: this.#clock.setTimer(next.at, () => this.#ring()) } : null;
  }

  #ring(): void {
    this.#armed = null;
    const now = this.#clock.now();
    for (let next = this.#heap[0]; next && (next.at <= now || !next.ring); next = this.#heap[0]) {
      this.#pop();
      const { ring } = next;
      if (!ring) {
        this.#dead--;
        continue;
      }
      next.ring = null;
      ring();
    }
    this.#arm();
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.push(alarm) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(alarm, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = alarm;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below++;
      if (!before(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}

function before(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
