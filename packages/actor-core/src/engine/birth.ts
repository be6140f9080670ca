import { Actor } from '../actor/actor.ts';
import { Coroutine } from '../actor/coroutine.ts';
import { Determinism } from '../actor/determinism.ts';
import { contextOf } from '../context/context.ts';
import type { RunRow } from '../execution/execution.ts';
import { decodeCarry } from '../journal/carry.ts';
import { takeOver } from '../state/carry.ts';
import { RunState } from '../state/state.ts';
import type { AnyWorkflow } from '../workflow/workflow.ts';
import type { EngineOptions } from './options.ts';
import type { EngineParts } from './parts.ts';

const LENIENT = new Determinism('off', { write: () => undefined });

/** The code of a run, before its first message. */
export function newCoroutine(
  options: Pick<EngineOptions, 'clock' | 'log' | 'determinism' | 'stage'>,
  run: RunRow,
  workflow: AnyWorkflow,
): Coroutine {
  const state = new RunState(run);
  if (run.carry) takeOver(state, decodeCarry(run.carry));
  const determinism = options.determinism ?? LENIENT;
  return new Coroutine(state, (issuer, input) => workflow.run(contextOf(issuer, state.root, workflow), input), {
    clock: options.clock,
    log: options.determinism ? options.determinism.log : options.log,
    determinism,
    stage: options.stage ?? null,
    outputSchema: workflow.outputSchema,
    onError: workflow.onError,
  });
}

export function newActor(parts: EngineParts, coroutine: Coroutine, seq: number, workflow: AnyWorkflow): Actor {
  const actor = new Actor(coroutine, seq, workflow.cleanupTimeoutMs, workflow.updates, parts.environment);
  actor.onEarlyMail = () => parts.ready(actor);
  actor.onSettled = () => {
    if (coroutine.fault) parts.faulted(actor);
    else parts.ready(actor);
    actor.onRoom?.();
  };
  coroutine.onFault = () => parts.faulted(actor);
  return actor;
}
