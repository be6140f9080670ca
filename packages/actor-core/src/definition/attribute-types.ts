import { validation } from '../errors/dfns-error.ts';
import type { AttributeType, AttributeValue } from '../execution/attributes.ts';
import { parseName } from '../ids/name.ts';
import { kindOf, nearest, parseChoice } from '../options/known-options.ts';

/** The option `attributes` of a workflow: its search attributes and their types. */
export interface AttributeTypes {
  readonly [name: string]: AttributeType;
}

interface ValueOfType {
  keyword: string;
  number: number;
  boolean: boolean;
  date: Date;
}

/** Values at start. */
export type AttributeValues<Types extends AttributeTypes> = {
  readonly [Name in keyof Types]?: ValueOfType[Types[Name]] | undefined;
};

/** Values to merge in; null removes. */
export type AttributeChanges<Types extends AttributeTypes> = {
  readonly [Name in keyof Types]?: ValueOfType[Types[Name]] | null | undefined;
};

const TYPES: readonly AttributeType[] = ['keyword', 'number', 'boolean', 'date'];

/** undefined: nothing is declared, so every name and type goes. */
export function readAttributeTypes(value: unknown, what: string): ReadonlyMap<string, AttributeType> | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw validation(`attributes of ${what} must be an object of types, got ${kindOf(value)}.`);
  }
  const types = new Map<string, AttributeType>();
  for (const [name, type] of Object.entries(value)) {
    parseName(name, `A name in attributes of ${what}`);
    types.set(name, parseChoice(type, `attributes of ${what}: ${JSON.stringify(name)}`, TYPES));
  }
  return types;
}

/** Checks names and types against the declared ones; sizes and counts are `mergeAttributes`' to check. */
export function readAttributeChanges(
  declared: ReadonlyMap<string, AttributeType> | undefined,
  changes: unknown,
  what: string,
): ReadonlyMap<string, AttributeValue | null> {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) {
    throw validation(`attributes of ${what} must be an object, got ${kindOf(changes)}.`);
  }
  const read = new Map<string, AttributeValue | null>();
  for (const [name, value] of Object.entries(changes) as [string, unknown][]) {
    if (value === undefined) continue;
    const type = declared === undefined ? typeOf(value) : declared.get(name);
    if (type === undefined && declared !== undefined) throw undeclared(name, declared, what);
    if (value !== null && !(type !== undefined && isOfType(value, type))) {
      throw validation(
        `Attribute ${JSON.stringify(name)} of ${what} must be ${EXPECTED[type ?? 'any']} or null, got ${kindOf(value)}.`,
      );
    }
    read.set(name, value);
  }
  return read;
}

const EXPECTED: Record<AttributeType | 'any', string> = {
  keyword: 'a string',
  number: 'a finite number',
  boolean: 'a boolean',
  date: 'a valid Date',
  any: 'a string, number, boolean, Date',
};

function typeOf(value: unknown): AttributeType | undefined {
  return TYPES.find(type => isOfType(value, type));
}

function isOfType(value: unknown, type: AttributeType): value is AttributeValue {
  switch (type) {
    case 'keyword':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return value instanceof Date && !Number.isNaN(value.getTime());
  }
}

function undeclared(name: string, declared: ReadonlyMap<string, AttributeType>, what: string) {
  const near = nearest(name, declared.keys());
  const advice =
    near === undefined
      ? `It declares: ${[...declared.keys()].join(', ') || 'none'}.`
      : `Did you mean ${JSON.stringify(near)}?`;
  return validation(`${what} declares no attribute ${JSON.stringify(name)}. ${advice}`, { attribute: name });
}
