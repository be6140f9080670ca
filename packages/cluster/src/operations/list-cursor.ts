import { DfnsError } from '@dfnsjs/actor-core';
import type { Eid, ListPlace } from '@dfnsjs/actor-core/records';

/** Where a list goes on, as clients hand it back. */
export function cursorOf({ startedAt, eid }: ListPlace): string {
  return `${startedAt}_${eid}`;
}

/** VALIDATION for what `cursorOf` did not make. */
export function parsePlace(cursor: string): ListPlace {
  const [startedAt, eid] = /^\d+(?:\.\d+)?_\d+$/.test(cursor) ? cursor.split('_').map(Number) : [];
  if (startedAt !== undefined && Number.isSafeInteger(eid)) return { startedAt, eid: eid as Eid };
  throw new DfnsError('VALIDATION', 'That is no cursor of an earlier page.');
}
