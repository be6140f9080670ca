import { shardOf } from '../ids/address.ts';
import { activate, ORDINARY } from './activation.ts';
import { stopping, unavailable } from './answers.ts';
import type { EngineParts } from './parts.ts';
import { newResident, residentSettled, type Resident } from './residents.ts';

/**
 * The execution in memory, read into it if need be, with no turn of it on its way; undefined where there is none, or it
 * has ended.
 */
export async function settledResident(
  parts: EngineParts,
  namespace: string,
  id: string,
): Promise<Resident | undefined> {
  if (parts.stopping) throw stopping();
  const shard = shardOf(namespace, id, parts.options.shards);
  if (!parts.owned.has(shard)) throw unavailable();
  let resident = parts.residents.at(namespace, id);
  if (!resident) {
    resident = newResident(namespace, id, shard);
    void activate(parts, resident, ORDINARY);
  }
  await residentSettled(resident);
  return parts.residents.at(namespace, id);
}
