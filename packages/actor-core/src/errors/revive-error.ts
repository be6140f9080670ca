import { classOf, headerOf, rememberClasses } from './error-classes.ts';
import type { RecordedCause, RecordedError } from './error-record.ts';

/**
 * The error of a record: of its own class where that is built in or ours, else an Error under its name. The record's
 * values are taken over, not copied. Recording the result gives an equal record.
 */
export function reviveError(record: RecordedError): Error {
  const ErrorClass = classOf(record.name, record.code, record.classes);
  // Not run through the class's own constructor: what that would set, the record has.
  const error: Error = Reflect.construct(Error, [record.message], ErrorClass);
  hide(error, 'stack', record.stack ?? headerOf(record));
  if (error.name !== record.name) hide(error, 'name', record.name);
  if (record.cause !== undefined) hide(error, 'cause', reviveCause(record.cause));
  if (record.errors !== undefined) hide(error, 'errors', record.errors.map(reviveCause));
  for (const [key, value] of Object.entries(record.props ?? {})) show(error, key, value);
  if (record.code !== undefined) show(error, 'code', record.code);
  if (record.details !== undefined) show(error, 'details', record.details);
  if (record.classes !== undefined) rememberClasses(error, record.classes);
  return error;
}

function reviveCause(cause: RecordedCause): unknown {
  return 'value' in cause ? cause.value : reviveError(cause);
}

function show(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: true, writable: true, configurable: true });
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}
