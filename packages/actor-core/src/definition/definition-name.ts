import { validation } from '../errors/dfns-error.ts';
import { parseName } from '../ids/name.ts';
import { kindOf } from '../options/known-options.ts';

/** The option `name`, read before the others so that what is wrong with them can be said by name. */
export function readDefinitionName(options: unknown, kind: 'task' | 'workflow'): string {
  if (typeof options !== 'object' || options === null) {
    throw validation(`The options of a ${kind} must be an object with a name, got ${kindOf(options)}.`);
  }
  return parseName('name' in options ? options.name : undefined, `The name of a ${kind}`);
}

/** The function of a task or workflow. */
export function isBody(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function';
}
