import { DfnsError, validation } from '../errors/dfns-error.ts';
import { readProperty } from '../errors/read-property.ts';

/** One step from a value to a part of it: a key, an index, or a place in a Map or Set. */
export type Step = string | number | { readonly of: 'key' | 'value' | 'item'; readonly at: unknown };

const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;
const MAX_PATH = 200;

/** `input.items[3].fn`, `input.byId.get("a")`, `input.tags.values()[2]`. */
export function pathOf(what: string, steps: readonly (Step | undefined)[]): string {
  let path = what;
  for (const step of steps) {
    if (step === undefined) break;
    if (typeof step === 'number') path += `[${step}]`;
    else if (typeof step === 'string') path += PLAIN_KEY.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    else if (step.of === 'value') path += `.get(${keyText(step.at)})`;
    else path += step.of === 'key' ? `.keys()[${String(step.at)}]` : `.values()[${String(step.at)}]`;
    if (path.length > MAX_PATH) return `${path.slice(0, MAX_PATH)}…`;
  }
  return path;
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'object' && key !== null ? '…' : String(key);
}

/** Why a value cannot be encoded, and what to do instead. */
export function refusalOf(path: string, value: unknown): DfnsError {
  const kind = kindOf(value);
  return validation(`${path} is ${kind} and cannot be stored: ${adviceOn(kind)}`, { path, kind });
}

export function tooDeep(path: string, depth: number): DfnsError {
  return validation(`${path} is nested more than ${depth} levels deep: make the value flatter.`, { path, depth });
}

export function unreadable(path: string, cause: unknown): DfnsError {
  const reason = typeof cause === 'object' && cause !== null ? readProperty(cause, 'message') : cause;
  return new DfnsError('VALIDATION', `${path} could not be read: ${String(reason)}`, { cause, details: { path } });
}

export function lostField(path: string, key: string | symbol): DfnsError {
  const advice = typeof key === 'symbol' ? 'use a string as its key' : 'pass it beside';
  return validation(`${path} has a field ${String(key)} that would be lost: ${advice}.`, { path });
}

export function tooLarge(what: string, sizeBytes: number, limitBytes: number): DfnsError {
  return new DfnsError(
    'PAYLOAD_TOO_LARGE',
    `${what} is ${sizeBytes} bytes or more encoded, the limit is ${limitBytes}: ` +
      'store the value elsewhere and pass a reference to it.',
    { details: { sizeBytes, limitBytes } },
  );
}

function kindOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value !== 'object' || value === null) return typeof value;
  if (value instanceof Promise) return 'a promise';
  if (value instanceof RegExp) return 'a RegExp';
  const constructor = readProperty(value, 'constructor');
  const name = typeof constructor === 'function' ? readProperty(constructor, 'name') : undefined;
  return `an instance of ${typeof name === 'string' && name !== '' ? name.slice(0, 100) : 'a class without a name'}`;
}

function adviceOn(kind: string): string {
  if (kind === 'a promise') return 'await it first.';
  if (kind === 'a RegExp') return 'pass its source and flags.';
  if (kind === 'a function' || kind === 'a symbol') return 'pass data instead, such as a name to look it up by.';
  return 'pass a plain object with what is needed of it, such as { ...value }.';
}
