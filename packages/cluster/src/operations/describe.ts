import type { Glimpse } from '@dfnsjs/actor-core/engine';
import type { ListedRun } from '@dfnsjs/actor-core/ports';
import { encode, type AttributeValue, type RunRow } from '@dfnsjs/actor-core/records';
import type { ExecutionDescription, ListedExecution } from '@dfnsjs/client';

/** A run's row as lists show it. */
export function listed(run: ListedRun): ListedExecution {
  const { held } = run;
  return {
    id: run.id,
    runId: run.runId,
    workflow: run.workflow,
    version: run.version,
    status: run.status,
    startedAt: run.startedAt,
    attributes: attributeRecord(run.attributes ?? new Map()),
    waiting: [...(run.waiting ?? [])],
    turns: run.turns,
    bytes: run.bytes,
    build: run.build,
    ...(held ? { held: { code: held.code, message: held.message, at: held.at } } : {}),
    ...(run.closedAt === null ? {} : { closedAt: run.closedAt }),
    ...(run.details === null ? {} : { details: run.details }),
    ...(run.lastError === null ? {} : { lastError: run.lastError }),
    ...(run.startedBy === null ? {} : { startedBy: run.startedBy }),
  };
}

/** The view of an execution: its newest run's row, and what only memory knows of it. */
export function describe(
  run: RunRow,
  chain: readonly RunRow[],
  glimpse: Glimpse | undefined,
  node: string | null,
): ExecutionDescription {
  // Memory may be a run ahead of the row, or the row of what memory held.
  const now = glimpse?.runId === run.runId && run.status === 'running' ? glimpse : undefined;
  const ended = run.status === 'running' ? {} : outcome(run);
  return {
    ...listed(run),
    ...(now ? { waiting: [...now.waiting], turns: now.turns, bytes: now.bytes } : {}),
    ...(now?.stuck ? { stuck: { code: 'STUCK', message: now.stuck } } : {}),
    input: run.input ?? encode(undefined),
    ...ended,
    runs: chain.map(({ runId, status, startedAt, closedAt }) => ({
      runId,
      status,
      startedAt,
      ...(closedAt === null ? {} : { closedAt }),
    })),
    shard: run.shard,
    ...(node === null ? {} : { node }),
  };
}

function outcome(run: RunRow): Pick<ExecutionDescription, 'result' | 'error'> {
  if (run.output === null) return {};
  return run.status === 'completed' ? { result: run.output } : { error: run.output };
}

/** By definition of properties: `__proto__` is a name as any other. */
export function attributeRecord<Value extends AttributeValue | null>(
  attributes: Iterable<readonly [string, Value]>,
): Record<string, Value> {
  const record: Record<string, Value> = {};
  for (const [name, value] of attributes) {
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return record;
}
