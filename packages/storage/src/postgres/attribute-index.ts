import { createHash } from 'node:crypto';
import type { AttributeValue } from '@dfnsjs/actor-core/records';
import { packValue } from '../rows/attribute-values.ts';

/** An index holds no row above a third of a page, and a value stands beside two names. */
const LONGEST_BYTES = 512;
/** Beside the types of `packValue`: of a value that only its digest stands for. */
const DIGEST = 4;

/** How a value is found: equality is all that a filter asks. */
export function indexedValue(value: AttributeValue): readonly [type: number, value: string] {
  const [type, packed] = packValue(value);
  const text = String(packed);
  // Characters that need an escape are longer in the store.
  if (text.length * 4 <= LONGEST_BYTES || Buffer.byteLength(text) * 4 <= LONGEST_BYTES) return [type, text];
  return [DIGEST, createHash('sha256').update(text).digest('hex')];
}
