import { DfnsError } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Turn } from '../journal/turn.ts';
import type { Coroutine } from '../actor/coroutine.ts';
import { replay } from '../replay/replay.ts';
import type { AnyWorkflow } from '../workflow/workflow.ts';
import { newCoroutine } from './birth.ts';
import type { EngineOptions } from './options.ts';

export type ReplayOptions = Pick<EngineOptions, 'workflows' | 'clock' | 'log'>;

/** UNKNOWN_WORKFLOW where this code does not have the run's workflow in its version. */
export function workflowOf({ workflows }: Pick<ReplayOptions, 'workflows'>, run: RunRow): AnyWorkflow {
  const workflow = workflows.get(run.workflow, run.version);
  if (workflow) return workflow;
  const latest = workflows.latest(run.workflow);
  throw new DfnsError(
    'UNKNOWN_WORKFLOW',
    `Workflow "${run.workflow}", version ${run.version}, is not registered here` +
      (latest ? `; the newest that is has version ${latest.version}.` : '.'),
  );
}

/** The run's code as it stands after these turns: beside every actor, and without a store. */
export async function replayTurns(
  options: ReplayOptions,
  run: RunRow,
  workflow: AnyWorkflow,
  turns: readonly Turn[],
): Promise<Coroutine> {
  const coroutine = newCoroutine(options, run, workflow);
  await replay(coroutine, turns, options.clock, workflow.cleanupTimeoutMs);
  return coroutine;
}

/**
 * Runs a whole history through today's code, to the same end: NON_DETERMINISM where what the code asks for differs, or
 * what it comes to; a failure is a failure, since messages may name lines that have moved. UNKNOWN_WORKFLOW where there is no such code.
 */
export async function replayRun(options: ReplayOptions, run: RunRow, turns: readonly Turn[]): Promise<void> {
  const workflow = workflowOf(options, run);
  const { state } = await replayTurns(options, run, workflow, turns);
  const { ending } = state;
  const status = ending?.status ?? 'running';
  const turn = turns.at(-1)?.seq ?? 0;
  if (status !== run.status) throw otherEnd(turn, run.status, status);
  if (ending?.status === 'completed' && !sameBytes(run.output, ending.output)) {
    throw otherEnd(turn, 'the recorded result', 'another result');
  }
}

function otherEnd(turn: number, expected: string, asked: string): DfnsError {
  return new DfnsError(
    'NON_DETERMINISM',
    `Turn ${turn}: the history ends with ${expected}, the code with ${asked}. ` +
      'Something that decides the end does not come from the input, from ctx or from a task: an option, the clock, module state.',
    { details: { turn, expected, asked } },
  );
}

function sameBytes(a: Uint8Array | null, b: Uint8Array): boolean {
  return a !== null && a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}
