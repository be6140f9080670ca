import type { InboxRow } from '@dfnsjs/actor-core/ports';
import type { Agenda } from './agenda.ts';
import type { Seed } from './seed.ts';

const USUAL_MS = 3;
const LATE_MS = 3_000;

/** Frames between executions: the rows are durable, the frames only make them fast, and may come late, twice or never. */
export class Network {
  /** How likely a frame is lost, doubled or late, each. */
  trouble = 0;
  readonly #agenda: Agenda;
  readonly #seed: Seed;
  readonly #count: (what: string) => void;

  constructor(agenda: Agenda, seed: Seed, count: (what: string) => void) {
    this.#agenda = agenda;
    this.#seed = seed;
    this.#count = count;
  }

  carry(rows: readonly InboxRow[], arrive: (row: InboxRow) => void): void {
    for (const row of rows) {
      if (this.#happens('frame lost')) continue;
      const times = this.#happens('frame doubled') ? 2 : 1;
      for (let i = 0; i < times; i++) {
        const delay = this.#happens('frame late') ? this.#seed.between(0, LATE_MS) : this.#seed.between(0, USUAL_MS);
        this.#agenda.after(delay, () => arrive(row));
      }
    }
  }

  #happens(what: string): boolean {
    if (!this.#seed.chance(this.trouble)) return false;
    this.#count(what);
    return true;
  }
}
