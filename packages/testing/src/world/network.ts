import type { InboxRow } from '@dfnsjs/actor-core/ports';
import type { Agenda } from './agenda.ts';
import type { Seed } from './seed.ts';

const USUAL_MS = 3;
const LATE_MS = 3_000;

/** The way of a message to an execution of the same node: in order, and never lost, but late at times, and twice. */
export class Network {
  /** How likely a message is late or doubled, each. */
  trouble = 0;
  readonly #agenda: Agenda;
  readonly #seed: Seed;
  readonly #count: (what: string) => void;
  #last = 0;

  constructor(agenda: Agenda, seed: Seed, count: (what: string) => void) {
    this.#agenda = agenda;
    this.#seed = seed;
    this.#count = count;
  }

  carry(rows: readonly InboxRow[], arrive: (row: InboxRow) => void): void {
    for (const row of rows) {
      const delay = this.#happens('message late') ? this.#seed.between(0, LATE_MS) : this.#seed.between(0, USUAL_MS);
      this.#last = Math.max(this.#last, this.#agenda.now + delay);
      const times = this.#happens('message doubled') ? 2 : 1;
      for (let i = 0; i < times; i++) this.#agenda.after(this.#last - this.#agenda.now, () => arrive(row));
    }
  }

  #happens(what: string): boolean {
    if (!this.#seed.chance(this.trouble)) return false;
    this.#count(what);
    return true;
  }
}
