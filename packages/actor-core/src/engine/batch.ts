import type { Eid } from '../ids/ids.ts';
import type { ActorCommit } from '../ports/store/commit.ts';
import type { Store } from '../ports/store/store.ts';

/** Fills one commit, up to what the store takes. */
export class Batch {
  readonly #limits: Store['limits'];
  readonly #eids: Eid[] = [];
  #bytes = 0;
  /** An actor has one turn on its way at most: only writes without one can share a run with another. */
  #seen: Set<Eid> | null = null;

  constructor(limits: Store['limits']) {
    this.#limits = limits;
  }

  /** False where it does not fit, as the first always does. An actor's writes never share a batch. */
  add({ entry, bytes }: { readonly entry: ActorCommit; readonly bytes: number }): boolean {
    const { eid } = entry;
    if (!entry.journal) this.#seen ??= new Set(this.#eids);
    const items = this.#eids.length;
    if (items > 0) {
      if (items === this.#limits.items || this.#bytes + bytes > this.#limits.bytes || this.#seen?.has(eid))
        return false;
    }
    this.#eids.push(eid);
    this.#seen?.add(eid);
    this.#bytes += bytes;
    return true;
  }
}

/** About how much a write weighs at the store. */
export function entryBytes(entry: ActorCommit): number {
  let bytes = 64;
  if (entry.journal) bytes += entry.journal.turn.byteLength;
  if (entry.insert) bytes += 256 + (entry.insert.input?.byteLength ?? 0) + (entry.insert.carry?.byteLength ?? 0);
  for (const segment of entry.prefix ?? []) bytes += 64 + segment.turns.byteLength;
  if (entry.update?.output) bytes += entry.update.output.byteLength;
  if (entry.snapshot) bytes += entry.snapshot.turns.byteLength;
  if (entry.sends) for (const row of entry.sends) bytes += 64 + row.message.byteLength;
  if (entry.accepts) for (const row of entry.accepts) bytes += 64 + row.message.byteLength;
  return bytes;
}
