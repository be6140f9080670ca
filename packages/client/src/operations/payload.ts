import type { Payload } from '@dfnsjs/actor-core/records';
import { z } from 'zod';

/** An encoded value: rich values exist on both sides of an operation, and never in between. */
export const payload = z.custom<Payload>(value => value instanceof Uint8Array, 'an encoded value');
