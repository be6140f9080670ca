import type { Eid } from '../ids/ids.ts';
import { BOUNDS } from '../bounds.ts';
import type { Timers } from './timers.ts';
import type { Millis } from '../time/duration.ts';

/** A command that is to begin, and may be what took its node down. */
export interface Suspect {
  readonly eid: Eid;
  readonly command: number;
  /** How often a node died with it in hand. */
  readonly crashes: number;
  /** When it began last, among other suspects; null: it did not yet. */
  readonly begunAt: Millis | null;
  begin(): void;
}

/**
 * Commands whose node died twice or more while they ran begin one after the other, so that the one that kills nodes is told
 * from its neighbours: a node that dies is put down to those that had begun. After two deaths that is some at a time, after
 * more one: the next when all of these have a result, or after a while, which is the longer the more often they crashed.
 * First is what crashed most, then what began last, since that is more likely to be why. So what takes long, and was in
 * hand when another took the node down, begins behind that one from then on. That those which are read back together may
 * be put into order, the first wait a little.
 */
export class Suspects {
  readonly #timers: Timers;
  readonly #now: () => Millis;
  #waiting: Suspect[] = [];
  /** They began together, and have no result yet. */
  #running: Suspect[] = [];
  /** Rings when the next are to begin, whatever became of those before; null: none wait or run. */
  #turn: { cancel(): void } | null = null;

  constructor(timers: Timers, now: () => Millis) {
    this.#timers = timers;
    this.#now = now;
  }

  add(suspect: Suspect): void {
    const place = this.#waiting.findIndex(each => each.eid === suspect.eid && each.command === suspect.command);
    // Its actor was read back: the former one begins nothing any more.
    if (place >= 0) this.#waiting[place] = suspect;
    else this.#waiting.push(suspect);
    this.#turn ??= this.#after(BOUNDS.suspectsGatherMs);
  }

  /** The command has a result, or is given up. */
  ended(eid: Eid, command: number): void {
    this.#end(each => each.eid === eid && each.command === command);
  }

  /** The run is not in memory any more: what becomes of it is not told here. */
  left(eid: Eid): void {
    this.#end(each => each.eid === eid);
  }

  get isEmpty(): boolean {
    return this.#turn === null;
  }

  #end(isOver: (suspect: Suspect) => boolean): void {
    this.#waiting = this.#waiting.filter(each => !isOver(each));
    if (!this.#running.some(isOver)) return;
    this.#running = this.#running.filter(each => !isOver(each));
    if (this.#running.length === 0) this.#next();
  }

  #next(): void {
    this.#turn?.cancel();
    this.#turn = null;
    this.#running = [];
    this.#waiting.sort(compare);
    const first = this.#waiting[0];
    if (!first) return;
    const alike = this.#waiting.findIndex(({ crashes }) => crashes < first.crashes);
    const most = first.crashes > BOUNDS.crashesBeforeSuspect ? 1 : BOUNDS.suspectsAtOnce;
    this.#running = this.#waiting.splice(0, Math.min(most, alike < 0 ? most : alike));
    this.#turn = this.#after(patienceMs(first.crashes));
    for (const suspect of this.#running) suspect.begin();
  }

  #after(ms: Millis): { cancel(): void } {
    return this.#timers.set(this.#now() + ms, () => this.#next());
  }
}

function compare(one: Suspect, other: Suspect): number {
  return other.crashes - one.crashes || (other.begunAt ?? 0) - (one.begunAt ?? 0);
}

function patienceMs(crashes: number): Millis {
  return BOUNDS.suspectMs * BOUNDS.suspectGrowth ** (crashes - BOUNDS.crashesBeforeSuspect);
}
