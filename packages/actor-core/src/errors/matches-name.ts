import { classNames, isError } from './error-classes.ts';
import { readProperty } from './read-property.ts';

/** Errors of a chain of causes that are looked at. */
const MAX_CAUSES = 32;

/**
 * True if one of `names` is the name of `error`, or of one of its classes, or of an error in its chain of causes.
 * Holds for errors that came back from the journal too. `Error` matches every error.
 */
export function matchesName(error: unknown, names: ReadonlySet<string>): boolean {
  let at = error;
  for (let i = 0; i < MAX_CAUSES && isError(at); i++) {
    const name = readProperty(at, 'name');
    if (typeof name === 'string' && names.has(name)) return true;
    if (names.has('Error') || classNames(at).some(each => names.has(each))) return true;
    at = readProperty(at, 'cause');
  }
  return false;
}
