import type { Determinism } from '../actor/determinism.ts';
import type { Attributes } from '../execution/attributes.ts';
import type { Payload } from '../payload/payload.ts';
import type { Around, TaskCall } from '../definition/middleware.ts';
import type { AnyWorkflowReference } from '../definition/workflow-reference.ts';
import type { Deps } from '../definition/task-context.ts';
import type { Eid, Incarnation, RunId, ShardId } from '../ids/ids.ts';
import type { Chance } from '../ports/chance.ts';
import type { Clock } from '../ports/clock.ts';
import type { Deaths, Stage } from '../ports/stage.ts';
import type { ThreadPool } from '../ports/thread-pool.ts';
import type { Store } from '../ports/store/store.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import type { ServedWorkflow } from '../ports/store/membership.ts';
import type { Log } from '../ports/telemetry/log.ts';
import type { Measurements } from '../ports/telemetry/measurements.ts';
import type { Tracer } from '../ports/telemetry/spans.ts';
import type { WorkflowRegistry } from '../workflow/registry.ts';
import type { AdmissionOptions } from './admission.ts';
import type { StandIn } from '../task/attempt-context.ts';
import type { Millis } from '../time/duration.ts';
import type { OpenAttempt } from './remote-attempts.ts';
import type { AttemptOutcome } from '../task/attempt-outcome.ts';
import type { DrawOrdinal } from './run-numbers.ts';

export interface EngineOptions {
  readonly store: Pick<
    Store,
    'kind' | 'isElsewhere' | 'limits' | 'commit' | 'load' | 'current' | 'inbox' | 'resync' | 'remove' | 'countOpen'
  >;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Absent: nothing is counted. */
  readonly measurements?: Measurements | undefined;
  /** Absent: there are no spans. */
  readonly tracer?: Tracer | undefined;
  readonly deps: Deps;
  /** How workflow code is taken that no replay can repeat. Default: it is left alone. */
  readonly determinism?: Determinism | undefined;
  readonly workflows: WorkflowRegistry;
  /** For tasks that run in a thread; without it they fail. */
  readonly threads?: ThreadPool | null;
  /** Middleware around the bodies of tasks and steps. */
  readonly aroundTasks?: Around<TaskCall> | null;
  readonly incarnation: Incarnation;
  /** This start's own number: the upper part of its eids. */
  readonly ordinal: number;
  /** Where it is shown whose code runs. Default: nowhere. */
  readonly stage?: Stage | undefined;
  /** Whose code took earlier nodes down. Default: nobody's is known. */
  readonly deaths?: Deaths | undefined;
  /** For when a start of a node outlives its ordinal. Default: none, and it ends in UNAVAILABLE. */
  readonly drawOrdinal?: DrawOrdinal | undefined;
  /** Runs that an ordinal numbers. Default 2^24. */
  readonly runsPerOrdinal?: number | undefined;
  /** Fingerprint of the user code. */
  readonly build: string;
  /** Number of shards of the store. */
  readonly shards: number;
  /** Whether this node's lease holds and it serves the shard: asked before each answer and each body. */
  serves(shard: ShardId): boolean;
  /**
   * Whether executions of a workflow that is not registered here may go to another node that has it: a start of it is
   * then stored, and held until that node takes the shard. Default: none may, and the start is UNKNOWN_WORKFLOW.
   */
  servedElsewhere?(workflow: ServedWorkflow): boolean;
  /** An execution is held here since its workflow is not registered. */
  heldForCode?(): void;
  /** Rows that became durable for executions, sent by one of `from`: the receiver's node should hear of them. */
  deliver(rows: readonly InboxRow[], from: ShardId): void;
  /** An attempt that runs at `at` came to a commit here, or is not wanted any more: it may be forgotten there. */
  attemptSettled?(at: Incarnation, attempt: OpenAttempt): void;
  /** An attempt that runs at `at` was cancelled here. */
  abortAttempt?(at: Incarnation, attempt: OpenAttempt): void;
  /** An attempt of this node has ended whose shard is another's: its owner is to be offered the outcome. */
  endedElsewhere?(shard: ShardId, attempt: OpenAttempt, outcome: AttemptOutcome): void;
  /** The store refused a commit under this shard's epoch. */
  fenced(shard: ShardId): void;
  /** Up to where the due scan that was started last reads; below it, it may already have passed. */
  dueScanned(): Millis;
  /** An actor left memory whose row says when to look at it again. */
  passivated?(wakeAt: Millis): void;
  /** Actors in memory; above it the longest idle are put out. Default 20,000. */
  readonly residents?: number | undefined;
  /** Idle actors are put out after this long. Default: never. */
  readonly passivateAfterMs?: number | undefined;
  /** Turns of one run's journal at most; beyond it is held. Default 100,000. */
  readonly journalTurns?: number | undefined;
  /**
   * Messages in one mailbox (default 10,000); calls, turns and writes that wait (default 10,000), bytes of those calls
   * (default 256 MiB), task bodies in hand (default 20,000) and lag of the event loop (default 1 s) from which on new
   * starts are OVERLOADED, and messages at twice as much.
   */
  readonly admission?: AdmissionOptions | undefined;
  /** Messages that one turn takes at most. Default 1,000. */
  readonly messagesPerTurn?: number | undefined;
  readonly standIn?: StandIn | undefined;
}

export interface StartRequest {
  readonly namespace: string;
  readonly id: string;
  readonly workflow: string;
  /** undefined: the highest registered. */
  readonly version: number | undefined;
  /** Of the workflow, for an owner that lacks it. Default: it refuses the start. */
  readonly definition?: Pick<AnyWorkflowReference, 'version' | 'timeoutMs' | 'runTimeoutMs'> | undefined;
  readonly input: Payload | null;
  readonly attributes: Attributes | null;
  readonly headers: ReadonlyMap<string, string> | null;
  readonly onConflict: 'fail' | 'use-existing' | 'terminate-existing';
  readonly reuse: 'always' | 'after-failure' | 'never';
  /** The caller's key and a hash of the whole request. */
  readonly idempotency: {
    readonly key: string;
    readonly hash: string;
    /** Keys are apart for each. Default 'start'. */
    readonly operation?: string | undefined;
  } | null;
  readonly startedBy: string | null;
  /** Made where the call came in, and kept when it is made again. Default: a new one. */
  readonly runId?: RunId | undefined;
  /** The call was made before, and its answer was lost: a run of `runId` may be there. */
  readonly repeated?: boolean | undefined;
}

export interface Started {
  readonly eid: Eid;
  /** Not the one asked for where an idempotent start is answered again. */
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  /** An execution that was there already was joined, or the same idempotent start answered again. */
  readonly existing: boolean;
}
