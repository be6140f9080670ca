import type { Eid, RunId, ShardId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import type { Millis } from '../time/duration.ts';
import type { Attributes } from './attributes.ts';
import type { Status } from './status.ts';
import type { Waiting } from './waiting.ts';

/** Why an execution takes no turns for now. It goes on by itself, or after `retry`, as `code` says. */
export interface Held {
  readonly code: string;
  readonly message: string;
  /** The build that held it: another one tries again. */
  readonly build: string;
  readonly at: Millis;
  /** Commands of tasks that failed, for which its onError held it: they run again when it goes on. Absent: there are none. */
  readonly failed?: readonly number[];
}

/** What a run gets from the one before it (continue-as-new), packed by the engine. Stores keep it as it is. */
export type Carry = Uint8Array;

/** The row of a run: written at start, close, hold, change of attributes, and by the wakeAt rule. */
export interface RunRow {
  readonly eid: Eid;
  /** eid of the execution's first run: the number that messages between executions use. */
  readonly first: Eid;
  readonly namespace: string;
  readonly id: string;
  readonly runId: RunId;
  readonly workflow: string;
  readonly version: number;
  /** Fingerprint of the user code that wrote the row last. */
  readonly build: string;
  readonly shard: ShardId;
  readonly status: Status;
  readonly startedAt: Millis;
  readonly closedAt: Millis | null;
  /**
   * When an owner must look even if no message comes: 0 = now and after every takeover (something is in hand that no
   * stored message or timer brings), else the earliest timer (a lower bound), null = only messages count.
   */
  readonly wakeAt: Millis | null;
  /** Of the run's random numbers. */
  readonly seed: number;
  /** How the run came to be where it is a retry, reset or fork: an encoded Lineage. */
  readonly lineage: string | null;
  readonly parent: Eid | null;
  readonly held: Held | null;
  readonly attributes: Attributes | null;
  readonly details: string | null;
  readonly headers: ReadonlyMap<string, string> | null;
  /** When the whole execution times out. */
  readonly deadline: Millis | null;
  /** When this run times out. */
  readonly runDeadline: Millis | null;
  readonly input: Payload | null;
  /** The result of a completed run, the recorded error of a failed one. */
  readonly output: Payload | null;
  readonly carry: Carry | null;
  readonly startedBy: string | null;
  // As of the last write of the row:
  readonly waiting: readonly Waiting[] | null;
  readonly turns: number;
  readonly bytes: number;
  readonly lastError: string | null;
}

/** The columns that change after the row is there. */
export type RunPatch = Partial<
  Pick<
    RunRow,
    | 'build'
    | 'status'
    | 'closedAt'
    | 'wakeAt'
    | 'held'
    | 'attributes'
    | 'details'
    | 'output'
    | 'waiting'
    | 'turns'
    | 'bytes'
    | 'lastError'
    | 'seed'
    | 'lineage'
  >
>;
