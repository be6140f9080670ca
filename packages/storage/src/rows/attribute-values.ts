import type { Attributes, AttributeValue } from '@dfnsjs/actor-core/records';

/** How a value stands in the `attribute` table: `true`, 1 and the first millisecond of 1970 are three values. */
const TYPES = { keyword: 0, number: 1, boolean: 2, date: 3 } as const;

export function packValue(value: AttributeValue): readonly [type: number, value: string | number] {
  if (value instanceof Date) return [TYPES.date, value.getTime()];
  if (typeof value === 'boolean') return [TYPES.boolean, value ? 1 : 0];
  return [typeof value === 'number' ? TYPES.number : TYPES.keyword, value];
}

/** As JSON entries, since names are the user's: an object would lose `__proto__`. */
export function packAttributes(attributes: Attributes | null): string | null {
  return attributes && JSON.stringify([...attributes].map(([name, value]) => [name, ...packValue(value)]));
}

export function unpackAttributes(text: string): Attributes {
  const entries = JSON.parse(text) as [string, number, string | number][];
  return new Map(entries.map(([name, type, value]) => [name, unpackValue(type, value)]));
}

function unpackValue(type: number, value: string | number): AttributeValue {
  switch (type) {
    case TYPES.date:
      return new Date(value);
    case TYPES.boolean:
      return value === 1;
    default:
      return value;
  }
}
