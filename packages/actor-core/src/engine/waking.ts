import { shardOf } from '../ids/address.ts';
import type { Eid } from '../ids/ids.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import { activate, type WakeReason } from './activation.ts';
import type { EngineParts } from './parts.ts';
import { newResident, residentSettled, type Resident } from './residents.ts';

/**
 * Reads an execution into memory unless it is there: it is due, or was in hand at its dead owner, or is held and may go
 * on. `loaded` where it was just read. Resolves when it is in memory, or need not be.
 */
export async function wake(
  parts: EngineParts,
  namespace: string,
  id: string,
  eid: Eid,
  reason: WakeReason,
  loaded?: LoadedRun,
): Promise<void> {
  if (parts.stopping) return;
  const there = parts.residents.at(namespace, id);
  if (there?.loading) return wakeAfter(parts, there, eid, reason);
  if (there?.actor || (there?.held && !reason.retry)) return;
  const shard = shardOf(namespace, id, parts.options.shards);
  if (!parts.owned.has(shard)) return;
  const resident = there ?? newResident(namespace, id, shard);
  resident.eid = eid;
  // What comes while it is read waits for what it turns out to be.
  resident.held = null;
  await activate(parts, resident, reason, loaded);
}

/** What is being read or started may turn out to be another run, or nothing: then this one is woken after all. */
export async function wakeAfter(parts: EngineParts, there: Resident, eid: Eid, reason: WakeReason): Promise<void> {
  const { namespace, id } = there;
  let at: Resident | undefined = there;
  while (at && !parts.stopping) {
    const current = at.actor?.state;
    if (!at.loading && !current?.ending) return;
    if (!at.loading && current?.run.eid === eid) return;
    // A store that is silent for now ends the waiting of callers, not this.
    await residentSettled(at).catch(() => undefined);
    at = parts.residents.at(namespace, id);
  }
  await wake(parts, namespace, id, eid, reason);
}
