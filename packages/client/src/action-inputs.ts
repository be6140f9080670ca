import { DfnsError } from '@dfnsjs/actor-core';
import type { RetryRequest } from './operations/actions.ts';
import type { FailTaskRequest } from './operations/tasks.ts';

/** What actions take that is no value of the user's: VALIDATION says what is wrong with it. */
export function readReason(action: 'cancel' | 'terminate', reason: unknown): string | undefined {
  if (reason === undefined || typeof reason === 'string') return reason;
  throw new DfnsError('VALIDATION', `The reason of ${action} must be a string.`);
}

export function readFrom(from: unknown): RetryRequest['from'] {
  if (from === undefined || from === 'failure' || from === 'start') return from;
  throw new DfnsError('VALIDATION', "from of retry must be 'failure' or 'start'.");
}

export function readAttributeChanges(changes: unknown): Readonly<Record<string, unknown>> {
  if (typeof changes === 'object' && changes !== null && !Array.isArray(changes)) {
    return changes as Readonly<Record<string, unknown>>;
  }
  throw new DfnsError('VALIDATION', 'setAttributes takes an object of names and values.');
}

export function readTaskFailure(error: unknown): FailTaskRequest['error'] {
  const { message, name, details } = (error ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof message === 'string' && (name === undefined || typeof name === 'string'))
    return { message, name, details };
  throw new DfnsError('VALIDATION', 'failTask takes an error: { message, name?, details? }.');
}
