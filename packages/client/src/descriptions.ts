import { decode, decodeError, type AttributeValue, type Payload, type Status } from '@dfnsjs/actor-core/values';
import type { Waiting } from '@dfnsjs/actor-core/values';
import type { ExecutionDescription, ListedExecution } from './operations/executions.ts';
import type { EVENT_TYPES, HistoryEvent } from './operations/history.ts';

/** An execution as lists show it. */
export interface ExecutionSummary {
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: Status;
  /** It takes no turns, and why. */
  readonly held?: { readonly code: string; readonly message: string; readonly at: Date } | undefined;
  readonly startedAt: Date;
  readonly closedAt?: Date | undefined;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly details?: string | undefined;
  /** What it waits on. In lists, and with turns, bytes and lastError, as of its last rest of 10 s. */
  readonly waiting: readonly Waiting[];
  readonly turns: number;
  readonly bytes: number;
  readonly lastError?: string | undefined;
  readonly build: string;
  readonly startedBy?: string | undefined;
}

/** All that is known of an execution, as of now. */
export interface Description<Output = unknown> extends ExecutionSummary {
  /** It waits on nothing that could ever resume it: its code waits for a promise that is not from ctx. */
  readonly stuck?: { readonly code: string; readonly message: string } | undefined;
  readonly input: unknown;
  readonly result?: Output | undefined;
  readonly error?: Error | undefined;
  readonly runs: readonly {
    readonly runId: string;
    readonly status: Status;
    readonly startedAt: Date;
    readonly closedAt?: Date | undefined;
  }[];
  readonly shard: number;
  readonly node?: string;
}

/** One event of a run's history. */
export interface ExecutionEvent {
  readonly seq: number;
  readonly turn: number;
  readonly at: Date;
  readonly type: (typeof EVENT_TYPES)[number];
  readonly command?: number | undefined;
  readonly name?: string | undefined;
  readonly label?: string | undefined;
  readonly attempt?: number | undefined;
  /** Input, result or payload. */
  readonly value?: unknown;
  readonly error?: Error | undefined;
  readonly until?: Date | undefined;
  readonly to?: string | undefined;
  readonly updateId?: string | undefined;
  readonly reason?: string | undefined;
  readonly status?: Status | undefined;
  readonly attributes?: Readonly<Record<string, AttributeValue | null>> | undefined;
  readonly details?: string | undefined;
}

export function readSummary(listed: ListedExecution): ExecutionSummary {
  const { held, startedAt, closedAt, waiting, ...rest } = listed;
  return {
    ...rest,
    waiting: waiting as readonly Waiting[],
    startedAt: new Date(startedAt),
    ...(closedAt === undefined ? {} : { closedAt: new Date(closedAt) }),
    ...(held ? { held: { ...held, at: new Date(held.at) } } : {}),
  };
}

export function readDescription<Output>(description: ExecutionDescription): Description<Output> {
  const { input, result, error, runs, shard, node, stuck, ...listed } = description;
  return {
    ...readSummary(listed),
    ...(stuck ? { stuck } : {}),
    input: decode(input),
    ...(result === undefined ? {} : { result: decode(result) as Output }),
    ...(error === undefined ? {} : { error: decodeError(error) }),
    runs: runs.map(({ startedAt, closedAt, ...run }) => ({
      ...run,
      startedAt: new Date(startedAt),
      ...(closedAt === undefined ? {} : { closedAt: new Date(closedAt) }),
    })),
    shard,
    ...(node === undefined ? {} : { node }),
  };
}

export function readEvent({ at, value, error, until, ...event }: HistoryEvent): ExecutionEvent {
  return {
    ...event,
    at: new Date(at),
    ...(value === undefined ? {} : { value: decode(value) }),
    ...(error === undefined ? {} : { error: decodeError(error) }),
    ...(until === undefined ? {} : { until: new Date(until) }),
  };
}

/** What an execution came to: its result, or its error thrown. */
export function readResult(status: Status, output: Payload): unknown {
  if (status === 'completed') return decode(output);
  throw decodeError(output);
}
