import type { Eid } from '../ids/ids.ts';
import { BOUNDS } from '../bounds.ts';
import type { Timers } from './timers.ts';
import type { Millis } from '../time/duration.ts';

interface Waiting {
  readonly eid: Eid;
  readonly command: number;
  begin(): void;
}

/**
 * Commands whose node died twice or more while they ran begin one at a time, the next after the result of the one
 * before or a second: so the one that kills nodes is told from its neighbours.
 */
export class SingleStarts {
  readonly #timers: Timers;
  readonly #now: () => Millis;
  #waiting: Waiting[] = [];
  #running: { readonly eid: Eid; readonly command: number; readonly limit: { cancel(): void } } | null = null;

  constructor(timers: Timers, now: () => Millis) {
    this.#timers = timers;
    this.#now = now;
  }

  add(eid: Eid, command: number, begin: () => void): void {
    const place = this.#waiting.findIndex(each => each.eid === eid && each.command === command);
    // Its actor was read back: the former one begins nothing any more.
    if (place >= 0) this.#waiting[place] = { eid, command, begin };
    else this.#waiting.push({ eid, command, begin });
    if (!this.#running) this.#next();
  }

  /** The command has a result, or is given up. */
  ended(eid: Eid, command: number): void {
    this.#waiting = this.#waiting.filter(each => each.eid !== eid || each.command !== command);
    if (this.#running?.eid !== eid || this.#running.command !== command) return;
    this.#running.limit.cancel();
    this.#next();
  }

  get isEmpty(): boolean {
    return this.#running === null && this.#waiting.length === 0;
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#running = null;
      return;
    }
    const limit = this.#timers.set(this.#now() + BOUNDS.singleStartMs, () => this.#next());
    this.#running = { eid: next.eid, command: next.command, limit };
    next.begin();
  }
}
