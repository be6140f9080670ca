import type { Payload } from '@dfnsjs/actor-core/values';
import { z } from 'zod';

/** An encoded value: rich values exist on both sides of an operation, and never in between. */
export const payload = z.custom<Payload>(isEncoded, 'must be an encoded value');
/** An encoded record of an error. */
export const recordedError = z.custom<Payload>(isEncoded, 'must be an encoded error');
/** Milliseconds since the epoch. */
export const instant = z.number();

function isEncoded(value: unknown): boolean {
  return value instanceof Uint8Array;
}
