import type { Eid } from '@dfnsjs/actor-core/records';

/** Entries a generation; two are kept. */
const GENERATION = 32_768;

/**
 * The last stored seq of runs that were written lately, which spares the hot path a read: the file's lock makes this
 * process the only writer. Two generations bound it, and what a transaction noted counts once that is committed.
 */
export class Tails {
  #young = new Map<Eid, number>();
  #old = new Map<Eid, number>();
  readonly #uncommitted = new Map<Eid, number>();

  get(eid: Eid): number | undefined {
    return this.#uncommitted.get(eid) ?? this.#young.get(eid) ?? this.#old.get(eid);
  }

  note(eid: Eid, seq: number): void {
    this.#uncommitted.set(eid, seq);
  }

  committed(): void {
    for (const [eid, seq] of this.#uncommitted) this.#young.set(eid, seq);
    this.#uncommitted.clear();
    if (this.#young.size > GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
  }

  rolledBack(): void {
    this.#uncommitted.clear();
  }

  /** What is stored is not sure any more: it is read again. */
  forget(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
