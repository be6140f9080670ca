import type { Eid, Incarnation, RunId, ShardId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import type { TaskContext } from '../definition/task-context.ts';
import type { AnyTask } from '../definition/task.ts';
import type { TaskPolicy } from '../options/task-policy.ts';
import type { Millis } from '../time/duration.ts';
import type { Scope } from './scope.ts';

/** Who awaits a command. Settling it resumes workflow code at the next drain. */
export interface Settler {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface PendingBase {
  /** The command's number. */
  readonly n: number;
  readonly scope: Scope;
  readonly settler: Settler;
  /** The node's timer for it, once armed. */
  alarm: { cancel(): void } | null;
}

/** A task or step in hand: a body runs, or will at `retryAt`. */
export interface TaskPending extends PendingBase {
  readonly kind: 'task';
  readonly name: string;
  readonly input: Payload | null;
  /** When `totalTimeout` ends it. */
  deadline: Millis | null;
  /** The run that asked for it: part of its idempotency key. */
  asker: RunId;
  readonly policy: TaskPolicy;
  /** What does the work: a task, or a step's own function. */
  readonly body: AnyTask | StepFunction;
  /** Of the attempt that runs or comes next; from 1. */
  attempt: number;
  /** Attempts so far that count towards maxAttempts. */
  counted: number;
  /** When the next attempt begins; null while one is in hand. */
  retryAt: Millis | null;
  /** How often a node died with this command in hand since its last result. */
  crashes: number;
  /** Nodes of those that may prove to have lived on; null: of none. */
  takenForDead: Incarnation[] | null;
  /** The attempt in hand was journaled before its body began. */
  started: boolean;
  /** When an attempt was journaled so last, since its last result; null: none was. */
  begunAt: Millis | null;
  progress: Payload | null;
  lastError: string | null;
}

/** It has an outcome, or is let go on: what took its node down before says nothing of what comes. */
export function clearCrashes(task: TaskPending): void {
  task.crashes = 0;
  task.takenForDead = null;
  task.begunAt = null;
}

/** A step's inline function. */
export type StepFunction = (t: TaskContext) => unknown;

export interface TimerPending extends PendingBase {
  readonly kind: 'timer';
  readonly due: Millis;
}

export interface WaitPending extends PendingBase {
  readonly kind: 'wait';
  readonly names: readonly string[];
  /** It gives which signal came too. */
  readonly several: boolean;
  readonly due: Millis | null;
  /** What the wait gives at `due`; absent: TimeoutError. */
  readonly otherwise: { readonly value: unknown } | null;
}

export interface ConditionPending extends PendingBase {
  readonly kind: 'condition';
  readonly due: Millis | null;
  readonly otherwise: { readonly value: unknown } | null;
  readonly predicate: () => boolean;
}

export interface SendPending extends PendingBase {
  readonly kind: 'send';
  readonly id: string;
  /** The execution of that id, once it was looked up. */
  receiver: { readonly first: Eid; readonly shard: ShardId } | null;
  readonly name: string;
  readonly payload: Payload;
}

export type TimedPending = TimerPending | WaitPending | ConditionPending;

export type Pending = TaskPending | TimerPending | WaitPending | ConditionPending | SendPending;

/** When the pending command must be looked at even if no message comes; null: never. */
export function dueOf(pending: Pending): Millis | null {
  switch (pending.kind) {
    case 'timer':
    case 'wait':
    case 'condition':
      return pending.due;
    case 'task':
    case 'send':
      return null;
  }
}
