import type { AttributeValue } from '@dfnsjs/actor-core';
import { isoMillis } from '@dfnsjs/actor-core/values';

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** Numbers, booleans and ISO times are what they look like; a string that looks like one stands in double quotes. */
export function readAttribute(text: string): AttributeValue {
  if (NUMBER.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (DATE.test(text) && !Number.isNaN(isoMillis(text))) return new Date(text);
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

/** What `readAttribute` reads again. */
export function writeAttribute(value: AttributeValue): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  return readAttribute(value) === value ? value : `"${value}"`;
}
