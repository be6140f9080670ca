import type { AttributeType } from '@dfnsjs/actor-core';
import { parseInstant } from '@dfnsjs/actor-core/records';

/** JSON has no dates: where an attribute is declared as one, an ISO string is one. VALIDATION for a string that is none. */
export function withDates(
  declared: ReadonlyMap<string, AttributeType> | undefined,
  attributes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const dates = Object.entries(attributes).filter(
    ([name, value]) => typeof value === 'string' && declared?.get(name) === 'date',
  );
  if (dates.length === 0) return attributes;
  const read = dates.map(([name, value]) => [name, new Date(parseInstant(value, `Attribute "${name}"`))] as const);
  return { ...attributes, ...Object.fromEntries(read) };
}
