import { DfnsError } from '../errors/dfns-error.ts';
import { damaged } from './damage.ts';
import { CODEC, FORMAT, HEADER_BYTES } from './format.ts';
import type { Payload } from './payload.ts';
import { ValueReader } from './value-reader.ts';

/** A reader in use is not here. */
let idle: ValueReader | undefined;

/**
 * The value of a payload: new at each call, sharing no memory with the payload.
 *
 * @throws DfnsError INTERNAL if no `encode` wrote these bytes, whatever they are
 */
export function decode(payload: Payload): unknown {
  const codec = payload[1];
  if (payload[0] !== FORMAT || (codec !== CODEC.tree && codec !== CODEC.graph)) {
    throw damaged(`its header is ${String(payload[0])} ${String(codec)}, perhaps of a newer version of dfns`, 0);
  }
  const reader = idle ?? new ValueReader();
  idle = undefined;
  try {
    return reader.read(payload, HEADER_BYTES, codec === CODEC.graph);
  } catch (error) {
    if (error instanceof DfnsError) throw error;
    throw damaged('its value cannot be built', 0, error);
  } finally {
    idle = reader;
  }
}
