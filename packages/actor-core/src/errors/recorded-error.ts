import { classNames, headerOf, isError, isSaidByName } from './error-classes.ts';
import type { RecordedCause, RecordedError } from './error-record.ts';
import { readProperty } from './read-property.ts';
import { Recording } from './recording.ts';
import { reviveError } from './revive-error.ts';

export type { RecordedCause, RecordedError };

/** Errors are counted along one path; characters are UTF-16 units. */
const LIMITS = { causes: 32, causesInProps: 4, errors: 100, name: 256, message: 16_384, stack: 8_192 } as const;

/** Records anything that was thrown. Never throws: what cannot be kept is replaced by a short description. */
export function recordError(error: unknown): RecordedError {
  const recording = new Recording(inner => reviveError(record(inner, recording, LIMITS.causesInProps)));
  return record(error, recording, LIMITS.causes);
}

function record(error: unknown, recording: Recording, causesLeft: number): RecordedError {
  if (!isError(error)) {
    return {
      name: 'Error',
      message: recording.text(thrownText(error), LIMITS.message),
      cause: { value: recording.copy(error) },
    };
  }
  const name = readProperty(error, 'name');
  const message = readProperty(error, 'message');
  const stack = readProperty(error, 'stack');
  const code = readProperty(error, 'code');
  const classes = classNames(error);
  const recorded: { -readonly [Key in keyof RecordedError]: RecordedError[Key] } = {
    name: recording.text(typeof name === 'string' && name !== '' ? name : (classes[0] ?? 'Error'), LIMITS.name),
    message: recording.text(typeof message === 'string' ? message : '', LIMITS.message),
  };
  if (!isSaidByName(recorded.name, classes)) recorded.classes = classes;
  if (typeof stack === 'string' && stack !== headerOf(recorded)) recorded.stack = recording.text(stack, LIMITS.stack);
  if (typeof code === 'string') recorded.code = recording.text(code, LIMITS.name);
  if (typeof code === 'number') recorded.code = code;
  recording.within(error, () => {
    const details = readProperty(error, 'details');
    if (details !== undefined) recorded.details = recording.copy(details);
    const errors = classes.includes('AggregateError') ? readProperty(error, 'errors') : undefined;
    if (Array.isArray(errors)) {
      recorded.errors = errors.slice(0, LIMITS.errors).map(each => recordCause(each, recording, causesLeft - 1));
    }
    if (hasCause(error)) recorded.cause = recordCause(readProperty(error, 'cause'), recording, causesLeft - 1);
    const props = recording.fields(error, key => hasPlace(key, recorded));
    if (props !== undefined) recorded.props = props;
  });
  return recorded;
}

function recordCause(cause: unknown, recording: Recording, causesLeft: number): RecordedCause {
  if (!isError(cause)) return { value: recording.copy(cause) };
  if (recording.isOpen(cause)) return { value: '[circular]' };
  if (causesLeft < 0) return { value: '[more causes were cut]' };
  return record(cause, recording, causesLeft);
}

function hasPlace(key: string, recorded: RecordedError): boolean {
  if (key === 'code' || key === 'errors') return recorded[key] !== undefined;
  return key === 'name' || key === 'message' || key === 'stack' || key === 'cause' || key === 'details';
}

function hasCause(error: object): boolean {
  try {
    return 'cause' in error;
  } catch {
    return false;
  }
}

function thrownText(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  if (typeof thrown === 'object' && thrown !== null) {
    const message = readProperty(thrown, 'message');
    return typeof message === 'string' ? message : 'An object that is no Error was thrown.';
  }
  return `A value that is no Error was thrown: ${typeof thrown === 'function' ? 'a function' : String(thrown)}.`;
}
