import { BOUNDS } from '../bounds.ts';
import { describeCommand, type Command } from '../command/command.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Impurity } from './running.ts';

/** This package, as stacks name it: by URL, or by path where they go through source maps. */
const HERE = new URL('../..', import.meta.url).pathname;

/** The first line that is the user's in the stack of an error or of its causes: `file:line:column`, if there is one. */
export function lineOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  for (const line of stack?.split('\n') ?? []) {
    const place = /(?:\(|\s)((?:file:|\/|[A-Za-z]:\\)[^()]*?:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place && !place.includes(HERE) && !place.startsWith('node:') && !place.includes('/node_modules/')) {
      return place.replace(/^file:\/\//, '');
    }
  }
  return error instanceof Error && error.cause !== error ? lineOf(error.cause) : undefined;
}

/** Workflow code called what no replay can repeat. */
export function impureCall({ call, instead }: Impurity): DfnsError {
  const line = lineOf(new Error());
  return new DfnsError(
    'NON_DETERMINISM',
    `Workflow code called ${call}, which answers otherwise in a replay${at(line)}. Use ${instead}.`,
    { details: { call, ...(line ? { line } : {}) } },
  );
}

/** A run that nothing of dfns will ever resume. `lastCall`: an error made where it last called ctx. */
export function waitsOnNothing(lastCall: Error | null): DfnsError {
  const line = lineOf(lastCall);
  return new DfnsError(
    'STUCK',
    'The workflow waits for a promise that is not from ctx (fetch, a timer, one of its own), and on nothing that ' +
      'could resume it. Move that work into ctx.step or a task; wait with ctx.sleep, ctx.waitForSignal or ' +
      `ctx.condition.${line ? ` Its last call of ctx: ${line}` : ''}`,
    { details: line ? { line } : {} },
  );
}

/** ctx was called, or the workflow resumed, by something that is no message of its own. */
export function foreignWait(ended: boolean): DfnsError {
  if (ended) return new DfnsError('CLOSED', 'ctx was called after the workflow had ended.');
  const line = lineOf(new Error());
  return new DfnsError(
    'NON_DETERMINISM',
    `Workflow code went on outside its turn${at(line)}: it waited for a promise that is not from ctx (fetch, ` +
      "setTimeout, another workflow's). Move that work into ctx.step or a task; wait with ctx.sleep.",
    { details: line ? { line } : {} },
  );
}

function at(line: string | undefined): string {
  return line ? ` (${line})` : '';
}

/** What a rejection becomes that nobody had handled when the workflow function returned. */
export function unhandledRejection(reason: unknown, command: number): Error {
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  const line = lineOf(reason);
  const what = command > 0 ? `Command ${command} failed` : 'A promise was rejected';
  return new DfnsError(
    'INTERNAL',
    `${what} and nothing handled it before the workflow returned: ${text}${line ? ` (${line}).` : text.endsWith('.') ? '' : '.'} ` +
      'Await it, or catch its error.',
    { cause: reason, details: { command, ...(line ? { line } : {}) } },
  );
}

/** The code calls ctx again and again where it is refused. */
export function goesOnCalling(why: string): DfnsError {
  return new DfnsError(
    'LIMIT_EXCEEDED',
    `The workflow goes on calling ctx though ${why}: it catches the error of more than ${BOUNDS.turnCommands} calls. ` +
      'Let CancelledError leave the loop, or catch only what you expect.',
  );
}

/** Of the first that is too many. */
export function tooManyCommands(command: Command): DfnsError {
  return new DfnsError(
    'LIMIT_EXCEEDED',
    `One turn issues at most ${BOUNDS.turnCommands} commands; the next would be ${describeCommand(command)}. ` +
      'Bound the fan-out with ctx.map and its concurrency.',
  );
}
