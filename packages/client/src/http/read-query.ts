import { DfnsError, type AttributeValue } from '@dfnsjs/actor-core';
import { parseInstant } from '@dfnsjs/actor-core/values';
import type { z } from 'zod';
import { readAttribute } from '../operations/attribute-text.ts';
import { instant } from '../operations/payload.ts';
import { ATTRIBUTE, type QueryText } from './query-text.ts';

/** Reads what a query says of fields, as their schemas want it. What it does not say is left out. */
export function readQuery(
  query: QueryText,
  fields: Readonly<Record<string, z.ZodType>>,
  what: string,
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(fields)) {
    if (name === 'attributes') {
      const attributes = readAttributes(query);
      if (attributes) read[name] = attributes;
      continue;
    }
    const parts = partsOf(name, schema);
    if (parts) {
      const inner = readQuery(query, parts, what);
      const given = Object.entries(inner).map(([part, value]) => [part.slice(name.length + 1), value] as const);
      if (given.length > 0) read[name] = Object.fromEntries(given);
      continue;
    }
    const text = query[name];
    if (text !== undefined) read[name] = readField(text, schema, `${name} of ${what}`);
  }
  return read;
}

/** Whether a query may have this name where these fields are read. */
export function isQueryName(name: string, fields: Readonly<Record<string, z.ZodType>>): boolean {
  if (name.startsWith(ATTRIBUTE)) return 'attributes' in fields;
  return queryNames(fields).includes(name);
}

/** The names by which a query gives these fields: parts of an object are `field.part`; attributes `attr.NAME`. */
export function queryNames(fields: Readonly<Record<string, z.ZodType>>): readonly string[] {
  return Object.entries(fields).flatMap(([name, schema]) => {
    if (name === 'attributes') return [];
    return Object.keys(partsOf(name, schema) ?? { [name]: schema });
  });
}

function partsOf(name: string, schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const { def } = bare(schema) as z.ZodType & {
    readonly def: { readonly type: string; readonly shape?: Readonly<Record<string, z.ZodType>> };
  };
  if (def.type !== 'object') return undefined;
  return Object.fromEntries(Object.entries(def.shape!).map(([part, each]) => [`${name}.${part}`, each]));
}

function readField(text: string | readonly string[], schema: z.ZodType, what: string): unknown {
  const inner = bare(schema);
  const { type } = (inner as z.ZodType & { readonly def: { readonly type: string } }).def;
  if (type === 'array') return (typeof text === 'string' ? [text] : text).flatMap(each => each.split(','));
  if (typeof text !== 'string') throw refused(`${what} must be given once.`);
  if (inner === instant) return parseInstant(/^-?\d+$/.test(text) ? Number(text) : text, what);
  if (type === 'number') {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) throw refused(`${what} must be a number, got ${show(text)}.`);
    return number;
  }
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw refused(`${what} must be true or false, got ${show(text)}.`);
    return text === 'true';
  }
  return text;
}

function bare(schema: z.ZodType): z.ZodType {
  const { def } = schema as z.ZodType & { readonly def: { readonly type: string; readonly innerType?: z.ZodType } };
  return def.type === 'optional' || def.type === 'default' ? bare(def.innerType!) : schema;
}

function readAttributes(query: QueryText): Record<string, AttributeValue> | undefined {
  let attributes: Record<string, AttributeValue> | undefined;
  for (const [name, text] of Object.entries(query)) {
    if (!name.startsWith(ATTRIBUTE) || text === undefined) continue;
    if (typeof text !== 'string') throw refused(`${name} must be given once.`);
    const attribute = name.slice(ATTRIBUTE.length);
    // A schema of records leaves it out: then the filter would let all through.
    if (attribute === '__proto__') throw refused('No attribute is named "__proto__".');
    (attributes ??= {})[attribute] = readAttribute(text);
  }
  return attributes;
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

function refused(message: string): DfnsError {
  return new DfnsError('VALIDATION', message);
}
