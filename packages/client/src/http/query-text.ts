import type { AttributeValue } from '@dfnsjs/actor-core';
import { writeAttribute } from '../operations/attribute-text.ts';

/** Values of a query string by name; a name that comes again has a list of them. */
export type QueryText = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Of attributes, each by its name. */
export const ATTRIBUTE = 'attr.';

/** The reverse of `readQuery`. */
export function writeQuery(values: Readonly<Record<string, unknown>>, into: URLSearchParams): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (name === 'attributes') {
      for (const [attribute, each] of Object.entries(value as Record<string, AttributeValue>)) {
        into.set(ATTRIBUTE + attribute, writeAttribute(each));
      }
    } else if (value instanceof Date) into.set(name, value.toISOString());
    else if (Array.isArray(value)) into.set(name, value.join(','));
    else if (typeof value === 'object' && value !== null) {
      for (const [part, each] of Object.entries(value)) into.set(`${name}.${part}`, `${each as string | number}`);
    } else into.set(name, `${value as string | number | boolean}`);
  }
}
