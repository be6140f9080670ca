import type { ActorCommit } from '@dfnsjs/actor-core/ports';
import type { Eid } from '@dfnsjs/actor-core/records';

/** Entries a generation; two are kept. */
const GENERATION = 32_768;

type Tailed = Pick<ActorCommit, 'eid' | 'journal' | 'update'>;

/**
 * The last stored seq of runs that were written lately, which spares the hot path a read: as long as the lock of a file or a
 * fence makes this process the only writer. Two generations bound it, and what a transaction noted counts once that is
 * committed.
 */
export class Tails {
  #young = new Map<Eid, number>();
  #old = new Map<Eid, number>();
  readonly #uncommitted: Tailed[] = [];

  get(eid: Eid): number | undefined {
    return this.#young.get(eid) ?? this.#old.get(eid);
  }

  /** What stands once the transaction is committed. A run that it closes is asked for no more. */
  note(actor: Tailed): void {
    this.#uncommitted.push(actor);
  }

  committed(): void {
    for (const { eid, journal, update } of this.#uncommitted) {
      if (update?.status !== undefined) {
        this.#young.delete(eid);
        this.#old.delete(eid);
      } else if (journal) this.#young.set(eid, journal.seq);
    }
    this.#uncommitted.length = 0;
    if (this.#young.size > GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
  }

  /** The run is gone. */
  drop(eid: Eid): void {
    this.#young.delete(eid);
    this.#old.delete(eid);
  }

  rolledBack(): void {
    this.#uncommitted.length = 0;
  }

  /** What is stored is not sure any more: it is read again. */
  forget(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
