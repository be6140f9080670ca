import { DfnsError } from '../errors/dfns-error.ts';
import { EIDS_PER_ORDINAL, eidOf, type Eid } from '../ids/ids.ts';

/** Asks the store for a number that no start of a node ever had; undefined: the node stops. */
export type DrawOrdinal = () => Promise<number | undefined>;

/**
 * Numbers the runs that this node starts: its ordinal and a counter. Before the counter runs out another ordinal is
 * drawn; while that takes too long, starts are refused, and what is left is for runs that continue as new.
 */
export class RunNumbers {
  readonly #own = new Set<number>();
  readonly #draw: DrawOrdinal | undefined;
  readonly #count: number;
  #ordinal: number;
  #next: number | undefined;
  #isDrawing = false;
  #used = 0;

  /** @param count runs that one ordinal numbers */
  constructor(ordinal: number, draw?: DrawOrdinal, count = EIDS_PER_ORDINAL) {
    this.#ordinal = ordinal;
    this.#own.add(ordinal);
    this.#draw = draw;
    this.#count = count;
  }

  /** UNAVAILABLE where none is left for this: the same call works once another ordinal is drawn. */
  next(of: 'start' | 'chain'): Eid {
    const left = this.#count - this.#used;
    if (left <= this.#count / 8) this.#drawAhead();
    const kept = of === 'start' ? this.#count / 16 : 0;
    if (left <= kept) {
      if (this.#next === undefined) {
        throw new DfnsError('UNAVAILABLE', 'This node has used up its numbers and waits for more. Try again soon.');
      }
      this.#ordinal = this.#next;
      this.#next = undefined;
      this.#used = 0;
    }
    return eidOf(this.#ordinal, this.#used++);
  }

  /** Whether the run was started here, since this node started. */
  isOwn(eid: Eid): boolean {
    return this.#own.has(Math.floor(eid / EIDS_PER_ORDINAL));
  }

  #drawAhead(): void {
    if (this.#isDrawing || this.#next !== undefined || !this.#draw) return;
    this.#isDrawing = true;
    const drawn = (ordinal: number | undefined) => {
      this.#isDrawing = false;
      this.#next = ordinal;
      if (ordinal !== undefined) this.#own.add(ordinal);
    };
    // What fails is drawn again with the next run.
    this.#draw().then(drawn, () => drawn(undefined));
  }
}
