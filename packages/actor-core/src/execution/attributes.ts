import { BOUNDS } from '../bounds.ts';
import { DfnsError, validation } from '../errors/dfns-error.ts';
import { parseName, utf8Length } from '../ids/name.ts';

/** What a search attribute holds: 'keyword' is a string that is found whole. */
export type AttributeType = 'keyword' | 'number' | 'boolean' | 'date';
/** A value of a search attribute. */
export type AttributeValue = string | number | boolean | Date;
/** Searchable values of an execution. A Map, since names are the user's (`constructor` works as a name). */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** Merges `changes` into `attributes`: later values win, null removes. LIMIT_EXCEEDED past 64 or 2 KiB each. */
export function mergeAttributes(
  attributes: Attributes | undefined,
  changes: Iterable<readonly [string, AttributeValue | null]>,
): Attributes {
  const merged = new Map(attributes);
  for (const [name, value] of changes) {
    if (value === null) merged.delete(name);
    else merged.set(parseName(name, 'An attribute name'), parseAttributeValue(name, value));
  }
  if (merged.size > BOUNDS.attributes) {
    throw new DfnsError(
      'LIMIT_EXCEEDED',
      `An execution has at most ${BOUNDS.attributes} attributes, got ${merged.size}.`,
    );
  }
  return merged;
}

function parseAttributeValue(name: string, value: unknown): AttributeValue {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  if (typeof value === 'string') {
    if (utf8Length(value) <= BOUNDS.attributeBytes) return value;
    throw new DfnsError('LIMIT_EXCEEDED', `Attribute "${name}" is longer than ${BOUNDS.attributeBytes} bytes.`);
  }
  throw validation(`Attribute "${name}" must be a string, finite number, boolean, Date or null.`);
}
