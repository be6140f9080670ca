import type { Client, Description, Handle } from '@dfnsjs/client';
import { EXIT } from '../cli/exit-code.ts';
import { describeError } from '../cli/failure.ts';
import type { Io } from '../cli/io.ts';
import { toJson } from '../cli/json.ts';
import { paintFor, printable, say } from '../cli/terminal.ts';
import { tellHeld } from './held.ts';

/** Waits until an execution has ended, however that is; says on standard error if it is held meanwhile. */
export async function waitForEnd(client: Client, handle: Handle, io: Io): Promise<Description> {
  const abortSignal = io.interrupted;
  const ended = new AbortController();
  // What goes wrong with looking goes wrong with waiting too, and is told there.
  tellHeld(client, handle, io, AbortSignal.any([abortSignal, ended.signal])).catch(() => undefined);
  try {
    await handle.result({ abortSignal });
  } catch (error) {
    // Its own failure is an answer; one of the call is not.
    const description = await handle.describe({ abortSignal });
    if (description.status === 'running') throw error;
    return description;
  } finally {
    ended.abort();
  }
  return handle.describe({ abortSignal });
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
