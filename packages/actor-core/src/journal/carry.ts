import { Packr } from 'msgpackr';
import type { Carry } from '../execution/execution.ts';
import type { MessageId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import { damaged, unpackVersioned } from './unpack.ts';

/** What continue-as-new hands to the next run beside the columns of its row. */
export interface Carried {
  /** Messages sent to other executions so far. */
  readonly sends: number;
  /** The last place that one of them was given in its receiver's inbox. */
  readonly lastAccepted: number;
  /** Unread, in order of arrival. */
  readonly signals: readonly (readonly [name: string, payload: Payload])[];
  /** Ids of messages already taken; of an answered update its outcome too. */
  readonly known: readonly (readonly [id: MessageId, at: number, ok: boolean | null, payload: Payload | null])[];
}

/** A MessagePack array with a version in front. */
const VERSION = 1;
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

export function encodeCarry({ sends, lastAccepted, signals, known }: Carried): Carry {
  return packr.pack([VERSION, sends, signals, known, lastAccepted]);
}

export function decodeCarry(carry: Carry): Carried {
  const [, sends, signals, known, lastAccepted] = unpackVersioned(packr, carry, VERSION, 'what was carried over');
  if (typeof sends !== 'number' || !Array.isArray(signals) || !Array.isArray(known)) {
    throw damaged('what was carried over has other parts');
  }
  return { sends, lastAccepted: typeof lastAccepted === 'number' ? lastAccepted : 0, signals, known };
}
