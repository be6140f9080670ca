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

/** One that has been asked to begin. */
interface Running {
  readonly suspect: Suspect;
  isBegun: boolean;
}

/**
 * Commands whose node died twice or more while they ran begin one after the other, so that the one that kills nodes is told
 * from its neighbours: a node that dies is put down to those that had begun. After two deaths that is some at a time, after
 * more one: the next when all of these have a result, or a while after they began, which is the longer the more often they
 * crashed. First is what crashed most, then what began last, since that is more likely to be why. So what takes long, and
 * was in hand when another took the node down, begins behind that one from then on. Since the likely ones
 * are through by then, twice as many begin at a time after some turns, and so on, but of those that the next death would
 * hold. That those which are read back together may be put into order, the first wait a little.
 */
export class Suspects {
  readonly #timers: Timers;
  readonly #now: () => Millis;
  /** By run and command. */
  readonly #waiting = new Map<Eid, Map<number, Suspect>>();
  #running: Running[] = [];
  /** Rings when the next are to begin, whatever became of those before; null: none wait or run. */
  #turn: { cancel(): void } | null = null;
  /** Turns so far of those that crashed as often. */
  #turns = { crashes: 0, count: 0 };

  constructor(timers: Timers, now: () => Millis) {
    this.#timers = timers;
    this.#now = now;
  }

  /** Again of an actor that was read back: the former one begins nothing any more. */
  add(suspect: Suspect): void {
    const ofRun = this.#waiting.get(suspect.eid);
    if (ofRun) ofRun.set(suspect.command, suspect);
    else this.#waiting.set(suspect.eid, new Map([[suspect.command, suspect]]));
    if (!this.#turn) this.#ring(BOUNDS.suspectsGatherMs);
  }

  /** Its body begins: only now, since it is journaled before, the others' wait is counted. */
  begun(eid: Eid, command: number): void {
    for (const each of this.#running) if (isOf(each, eid, command)) each.isBegun = true;
    this.#count();
  }

  /** The command has a result, or is given up. */
  ended(eid: Eid, command: number): void {
    const ofRun = this.#waiting.get(eid);
    if (ofRun?.delete(command) && ofRun.size === 0) this.#waiting.delete(eid);
    this.#end(each => isOf(each, eid, command));
  }

  /** The run is not in memory any more, or held: what becomes of it is not told here. */
  left(eid: Eid): void {
    if (this.isEmpty) return;
    this.#waiting.delete(eid);
    this.#end(({ suspect }) => suspect.eid === eid);
  }

  get isEmpty(): boolean {
    return this.#turn === null;
  }

  #end(isOver: (each: Running) => boolean): void {
    if (!this.#running.some(isOver)) return;
    this.#running = this.#running.filter(each => !isOver(each));
    if (this.#running.length > 0) this.#count();
    // Where many leave at once, it is decided once who is next.
    else this.#ring(0);
  }

  /** The wait for those that run begins when the last of them has begun. */
  #count(): void {
    const first = this.#running[0];
    if (first && this.#running.every(({ isBegun }) => isBegun)) this.#ring(patienceMs(first.suspect.crashes));
  }

  #next(): void {
    this.#turn = null;
    this.#running = [];
    const waiting = [...this.#waiting.values()].flatMap(ofRun => [...ofRun.values()]).sort(compare);
    const first = waiting[0];
    if (!first) {
      this.#turns = { crashes: 0, count: 0 };
      return;
    }
    const { crashes } = first;
    if (this.#turns.crashes !== crashes) this.#turns = { crashes, count: 0 };
    const most = atOnce(crashes, this.#turns.count++);
    const next = waiting.slice(0, most).filter(each => each.crashes === crashes);
    for (const { eid, command } of next) this.ended(eid, command);
    this.#running = next.map(suspect => ({ suspect, isBegun: false }));
    this.#ring(BOUNDS.suspectLandsMs);
    for (const suspect of next) suspect.begin();
  }

  #ring(ms: Millis): void {
    this.#turn?.cancel();
    this.#turn = this.#timers.set(this.#now() + ms, () => this.#next());
  }
}

const isOf = ({ suspect }: Running, eid: Eid, command: number): boolean =>
  suspect.eid === eid && suspect.command === command;

function compare(one: Suspect, other: Suspect): number {
  return other.crashes - one.crashes || (other.begunAt ?? 0) - (one.begunAt ?? 0);
}

function patienceMs(crashes: number): Millis {
  return BOUNDS.suspectMs * BOUNDS.suspectGrowth ** (crashes - BOUNDS.crashesBeforeSuspect);
}

function atOnce(crashes: number, turns: number): number {
  const { suspectsAtOnce, crashesBeforeSuspect, crashesBeforeHold } = BOUNDS;
  // The next death decides.
  if (crashes + 1 >= crashesBeforeHold) return 1;
  return (crashes > crashesBeforeSuspect ? 1 : suspectsAtOnce) * 2 ** Math.floor(turns / suspectsAtOnce);
}
