import type { Attributes } from '../execution/attributes.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Waiting } from '../execution/waiting.ts';
import type { EngineParts } from './parts.ts';

/** What is known of an execution in memory, beyond its row. */
export interface Glimpse {
  readonly runId: RunRow['runId'];
  readonly workflow: string;
  readonly version: number;
  readonly attributes: Attributes | null;
  readonly details: string | null;
  readonly waiting: readonly Waiting[];
  /** Why nothing will ever resume it, if that is so. */
  readonly stuck: string | null;
  readonly turns: number;
  readonly bytes: number;
}

/** What only memory knows; undefined where the execution is not in it. */
export function glimpse(parts: EngineParts, namespace: string, id: string): Glimpse | undefined {
  const actor = parts.residents.at(namespace, id)?.actor;
  if (!actor || actor.dropped) return undefined;
  const { run, attributes, details } = actor.state;
  const { runId, workflow, version } = run;
  return {
    runId,
    workflow,
    version,
    attributes,
    details,
    waiting: actor.state.waiting(),
    stuck: actor.coroutine.stuck?.message ?? null,
    turns: actor.seq,
    bytes: actor.bytes,
  };
}
