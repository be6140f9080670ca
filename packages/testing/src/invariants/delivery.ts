import type { Eid } from '@dfnsjs/actor-core/records';
import { isOpen } from '@dfnsjs/actor-core/records';
import type { Histories } from './history.ts';
import { Violation } from './violation.ts';

/** A message that is stored comes to its receiver in time where nothing is in its way, whoever was to bring it. */
export class Delivery {
  readonly #histories: Histories;
  readonly #lateMs: number;
  /** By row, since when it waits and nothing disturbs. */
  readonly #since = new Map<string, number>();

  constructor(histories: Histories, lateMs: number) {
    this.#histories = histories;
    this.#lateMs = lateMs;
  }

  /** Nothing disturbs, at any of the times at which this is called. */
  look(now: number): void {
    const { inbox } = this.#histories;
    for (const key of this.#since.keys()) if (!inbox.has(key)) this.#since.delete(key);
    for (const [key, { receiver, sender, number }] of inbox) {
      if (!this.#isAwake(receiver)) this.#since.delete(key);
      else if (!this.#since.has(key)) this.#since.set(key, now);
      else if (now > this.#since.get(key)! + this.#lateMs) {
        throw new Violation(
          'progress',
          `Message ${number} of ${sender} to ${receiver} is stored, and not taken in ${this.#lateMs} ms without faults.`,
        );
      }
    }
  }

  /** Whether the execution can take messages. */
  #isAwake(first: Eid): boolean {
    const known = this.#histories.runs.get(first);
    const last =
      known && this.#histories.ofId(known.row.namespace, known.row.id).findLast(({ row }) => row.first === first);
    return last !== undefined && isOpen(last.row.status) && last.row.held === null;
  }
}
