import type { Held, RunRow } from '../execution/execution.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Millis } from '../time/duration.ts';

/** Held because the run's code, or an attempt of a command, took its node down five times. */
export const CRASH_LOOP = 'CRASH_LOOP';
/** The fault of a run whose code took that many nodes down. */
export function crashLoop(what: string, times: number): DfnsError {
  const message =
    `${what} took its node down ${times} times. It is in no turn now; correct the code, then let it go on by ` +
    'retry, which clears the count.';
  return new DfnsError('INTERNAL', message, { details: { crashLoop: true } });
}

/** Held because the workflow threw and its onError says so. */
export const ON_ERROR = 'ON_ERROR';

export function heldFor(fault: DfnsError, build: string, at: Millis, failed: readonly number[]): Held {
  const code = fault.details?.['onError'] ? ON_ERROR : fault.details?.['crashLoop'] ? CRASH_LOOP : fault.code;
  return { code, message: fault.message, build, at, ...(failed.length > 0 ? { failed } : {}) };
}

/** Held because its owner does not have the workflow, or not in its version. */
export const UNREGISTERED = 'UNKNOWN_WORKFLOW';

/** The fault of a run whose code is not here. */
export function unregistered({ workflow, version }: Pick<RunRow, 'workflow' | 'version'>): DfnsError {
  return new DfnsError(UNREGISTERED, `Workflow "${workflow}", version ${version}, is not registered here.`);
}

/** True where another build may have what it lacks: it goes on by itself there. Others wait for an operator. */
export function healsByItself({ code }: Pick<Held, 'code'>): boolean {
  return code !== CRASH_LOOP && code !== ON_ERROR;
}
