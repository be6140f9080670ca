import type { Client, Description, Handle } from '@dfnsjs/client';
import { Absence, isUnavailable } from '../cli/absence.ts';
import { EXIT } from '../cli/exit-code.ts';
import { describeError } from '../cli/failure.ts';
import type { Io } from '../cli/io.ts';
import { toJson } from '../cli/json.ts';
import { paintFor, printable, say } from '../cli/terminal.ts';
import { tellHeld } from './held.ts';

/** Waits until an execution has ended, however that is; says on standard error if it is held meanwhile. */
export async function waitForEnd(
  client: Client,
  handle: Handle,
  io: Io,
  absence = new Absence(io),
): Promise<Description> {
  const abortSignal = io.interrupted;
  const ended = new AbortController();
  // What goes wrong with looking goes wrong with waiting too, and is told there.
  tellHeld(client, handle, io, AbortSignal.any([abortSignal, ended.signal])).catch(() => undefined);
  try {
    for (let failure: unknown; ;) {
      const description = await absence.ask(() => handle.describe({ abortSignal }));
      // Its own failure is an answer; one of the call is not.
      if (description.status !== 'running') return description;
      if (failure !== undefined && !isUnavailable(failure)) throw failure;
      failure = undefined;
      await handle.result({ abortSignal }).catch((error: unknown) => {
        abortSignal.throwIfAborted();
        failure = error;
      });
    }
  } finally {
    ended.abort();
  }
}

/** Shows what an execution came to. Exit code 4 where that is no result. */
export function showOutcome({ status, result, error }: Description, json: boolean, io: Io): number {
  const completed = status === 'completed';
  if (json) {
    say(io, toJson(completed ? { status, result: result ?? null } : { status, error }));
  } else if (completed) {
    say(io, valueText(result));
  } else {
    io.stderr.write(`${status}\n${error ? `${describeError(error, paintFor(io.stderr, io.env))}\n` : ''}`);
  }
  return completed ? EXIT.done : EXIT.executionFailed;
}

/** A value for people: text as it is, all else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? printable(value, true) : value === undefined ? '' : toJson(value, 2);
}
