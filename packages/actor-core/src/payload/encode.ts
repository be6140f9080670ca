import { BOUNDS } from '../bounds.ts';
import { CODEC, FALSE, FIXEXT_1, FORMAT, NIL, TAG, TRUE } from './format.ts';
import type { Payload } from './payload.ts';
import { ValueWriter } from './value-writer.ts';

const UNDEFINED = constant(FIXEXT_1, TAG.undefined, 0);
const NULL = constant(NIL);
const TRUTH = constant(TRUE);
const FALSEHOOD = constant(FALSE);
const SMALL = Array.from({ length: 128 }, (_, value) => constant(value));

/** A writer in use is not here, so a getter that encodes while it is read does so with another. */
let idle: ValueWriter | undefined;

/**
 * Encodes a value as it is now; later changes to it change nothing. The payload must not be written to or transferred,
 * for the memory behind it may be shared with other payloads.
 *
 * Kept are undefined, null, booleans, strings (lone surrogates too), numbers (-0, NaN, Infinity), bigint, Date, URL,
 * Map, Set, ArrayBuffer, DataView, typed arrays, Error, plain objects and arrays with holes, shared references and
 * cycles. A Buffer comes back as Uint8Array, an object without a prototype as a plain one; getters are read once;
 * fields that are not enumerable, and those of an array that are no index, are left out, as in JSON.
 *
 * @param what names the value in errors
 * @param limitBytes of the payload
 * @throws DfnsError VALIDATION with the path of what has no encoding: functions, symbols, instances of classes,
 *   promises, RegExp and more than 100 levels; PAYLOAD_TOO_LARGE
 */
export function encode(value: unknown, what = 'value', limitBytes: number = BOUNDS.payloadBytes): Payload {
  if (value === undefined) return UNDEFINED;
  if (value === null) return NULL;
  if (value === true) return TRUTH;
  if (value === false) return FALSEHOOD;
  if (typeof value === 'number') {
    const small = SMALL[value];
    if (small !== undefined && !Object.is(value, -0)) return small;
  }
  const writer = idle ?? new ValueWriter();
  idle = undefined;
  try {
    return writer.write(value, what, limitBytes) as Payload;
  } finally {
    idle = writer;
  }
}

function constant(...body: number[]): Payload {
  return Uint8Array.of(FORMAT, CODEC.tree, ...body) as Payload;
}
