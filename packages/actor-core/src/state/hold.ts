import type { Held } from '../execution/execution.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import type { Millis } from '../time/duration.ts';

/** Held because an attempt of a command took its node down five times. */
export const CRASH_LOOP = 'CRASH_LOOP';
/** Held because the workflow threw and its onError says so. */
export const ON_ERROR = 'ON_ERROR';

export function heldFor(fault: DfnsError, build: string, at: Millis): Held {
  return { code: fault.details?.['onError'] ? ON_ERROR : fault.code, message: fault.message, build, at };
}

/** True where another build may have what it lacks: it goes on by itself there. Others wait for an operator. */
export function healsByItself(held: Held): boolean {
  return held.code !== CRASH_LOOP && held.code !== ON_ERROR;
}
