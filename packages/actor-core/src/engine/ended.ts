import type { DfnsError } from '../errors/dfns-error.ts';
import { shardOf } from '../ids/address.ts';
import { activate, ORDINARY } from './activation.ts';
import { redeliver } from './delivering.ts';
import type { EngineParts } from './parts.ts';
import { newResident, type Resident } from './residents.ts';
import { settledResident } from './settled-resident.ts';

/** What became of an execution that had ended: it goes on, or it does not. */
export interface EndedWork<T> {
  readonly goesOn: boolean;
  readonly value: T;
}

/**
 * Does something with an execution that has ended, or that there is none of, while whoever else comes for it waits.
 * `isOpen` makes the error where it has not ended.
 */
export async function withEnded<T>(
  parts: EngineParts,
  namespace: string,
  id: string,
  isOpen: () => DfnsError,
  work: (home: Resident) => Promise<EndedWork<T>>,
): Promise<T> {
  for (;;) {
    if (await settledResident(parts, namespace, id)) throw isOpen();
    // Somebody else came first.
    if (!parts.residents.at(namespace, id)) break;
  }
  const home = newResident(namespace, id, shardOf(namespace, id, parts.options.shards));
  home.loading = true;
  parts.residents.put(home);
  let goesOn = false;
  try {
    const done = await work(home);
    ({ goesOn } = done);
    return done.value;
  } finally {
    if (parts.residents.has(home)) settle(parts, home, goesOn);
  }
}

function settle(parts: EngineParts, home: Resident, goesOn: boolean): void {
  if (goesOn) return void activate(parts, home, ORDINARY);
  home.loading = false;
  parts.residents.remove(home);
  redeliver(parts, home);
}
