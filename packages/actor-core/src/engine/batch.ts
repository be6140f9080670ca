import type { ActorCommit } from '../ports/store/commit.ts';
import type { Store } from '../ports/store/store.ts';

/** How many of the first of `waiting` fit into one commit; at least one. An actor's writes never share a batch. */
export function batchLength(
  waiting: readonly { readonly entry: ActorCommit; readonly bytes: number }[],
  limits: Store['limits'],
): number {
  let bytes = 0;
  let items = 0;
  // An actor has one turn on its way at most: only writes without one can share a run with another.
  let seen: Set<number> | null = null;
  for (let i = 0; i < waiting.length; i++) {
    const { entry, bytes: size } = waiting[i]!;
    bytes += size;
    if (!entry.journal) seen ??= new Set(waiting.slice(0, i).map(each => each.entry.eid));
    if (items > 0 && (items === limits.items || bytes > limits.bytes || seen?.has(entry.eid))) break;
    seen?.add(entry.eid);
    items++;
  }
  return items;
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
