import { CancelledError } from './cancelled-error.ts';
import { ADVICE } from './codes.ts';
import { DfnsError } from './dfns-error.ts';
import { readProperty } from './read-property.ts';
import { TaskError } from './task-error.ts';
import { TerminatedError } from './terminated-error.ts';
import { TimeoutError } from './timeout-error.ts';

type ErrorClass = new (...args: never[]) => Error;

const BUILT_IN = table(EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError);
/** A class that extends DfnsError stands here, or its errors come back from the journal as its parent's. */
const OURS = table(DfnsError, TaskError, TimeoutError, CancelledError, TerminatedError);

function table(...classes: ErrorClass[]): ReadonlyMap<string, ErrorClass> {
  return new Map(classes.map(each => [each.name, each]));
}

/** The class that a recorded error comes back as: ours only where its classes, or lacking them its code, say so. */
export function classOf(name: string, code: unknown, classes: readonly string[] | undefined): ErrorClass {
  const isOurs = typeof code === 'string' && Object.hasOwn(ADVICE, code) && (classes?.includes('DfnsError') ?? true);
  for (const each of classes ?? [name]) {
    const found = BUILT_IN.get(each) ?? (isOurs ? OURS.get(each) : undefined);
    if (found) return found;
  }
  return Error;
}

/** True if the name alone leads to the classes. Not so where a user's class has the name of one of ours. */
export function isSaidByName(name: string, classes: readonly string[]): boolean {
  return classes.length === 0 || (classes.length === 1 && classes[0] === name && !OURS.has(name));
}

/** Of errors that came back as instances of a class less derived than theirs was. */
const formerClasses = new WeakMap<object, readonly string[]>();

export function rememberClasses(error: Error, classes: readonly string[]): void {
  formerClasses.set(error, classes);
}

const MAX_CLASSES = 16;
const MAX_NAME = 256;

/** Names of an error's classes below Error, most derived first. */
export function classNames(error: object): readonly string[] {
  const former = formerClasses.get(error);
  if (former) return former;
  const names: string[] = [];
  try {
    for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
      const constructor: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
      const name = typeof constructor === 'function' ? readProperty(constructor, 'name') : undefined;
      if (name === 'Error' || name === 'Object' || names.length === MAX_CLASSES) break;
      if (typeof name === 'string' && name !== '') names.push(name.slice(0, MAX_NAME));
    }
  } catch {
    // A proxy that will not show its prototype: the names so far are all there is to know.
  }
  return names;
}

/** The first line of a stack, and all of one that says nothing more. */
export function headerOf(error: { readonly name: string; readonly message: string }): string {
  return error.message === '' ? error.name : `${error.name}: ${error.message}`;
}

/** True for errors of every realm. */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}
