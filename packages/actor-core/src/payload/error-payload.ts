import { recordError, type RecordedError } from '../errors/recorded-error.ts';
import { reviveError } from '../errors/revive-error.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { Payload } from './payload.ts';

/** Any thrown value as the journal keeps it. Never throws. */
export function encodeError(thrown: unknown): Payload {
  return encode(recordError(thrown));
}

export function decodeError(payload: Payload): Error {
  return reviveError(decode(payload) as RecordedError);
}
