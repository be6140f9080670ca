import type { Command } from '../command/command.ts';
import { CommandPromise } from '../context/command-promise.ts';
import { errorName } from '../errors/error-name.ts';
import type { Log } from '../ports/telemetry/log.ts';
import type { Pending } from '../state/pending.ts';
import type { RunState } from '../state/state.ts';
import { lineOf } from './faults.ts';

type Run = Pick<RunState['run'], 'id' | 'workflow'>;

/** Replay goes by kind and name; another input is told, since what the task did was done with the recorded one. */
export function warnOfOtherInput(log: Log, run: Run, n: number, known: Command, asked: Command): void {
  if (known.kind !== 'task' || asked.kind !== 'task' || sameBytes(known.input, asked.input)) return;
  log.write('warn', 'the code gives a task another input than the history has', {
    executionId: run.id,
    workflow: run.workflow,
    command: n,
    task: known.name,
  });
}

/** Of a promise that is not a command's; whoever handles it later takes nothing back. */
export function warnOfRejection(log: Log, run: Run, reason: unknown): void {
  log.write('warn', 'a promise was rejected and nobody handles it yet', {
    executionId: run.id,
    workflow: run.workflow,
    error: errorName(reason),
    line: lineOf(reason),
  });
}

/** Of what nobody awaits though it was begun, and what ends with the run: what came of it is lost. */
export function warnOfForgotten(log: Log, run: Run, pending: Iterable<Pending>): void {
  for (const { n, settler, ...open } of pending) {
    if (open.kind !== 'task' && open.kind !== 'send') continue;
    if (!(settler instanceof CommandPromise) || settler.isObserved) continue;
    const what = open.kind === 'task' ? 'a task' : 'a signal to another execution';
    log.write('warn', `the workflow returned without having waited for ${what}: await it`, {
      executionId: run.id,
      workflow: run.workflow,
      command: n,
      ...(open.kind === 'task' ? { task: open.name } : { receiver: open.id }),
    });
  }
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]));
}
