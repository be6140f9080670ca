import type {
  AdmissionOptions,
  DeterminismMode,
  Retention,
  StandIn,
  WorkflowRegistry,
} from '@dfnsjs/actor-core/engine';
import type {
  Chance,
  Clock,
  Deaths,
  Log,
  Measurements,
  Stage,
  Store,
  ThreadPool,
  Tracer,
} from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { AnyTask, Around, Deps, TaskCall } from '@dfnsjs/actor-core';
import type { Wire } from './transport/wire.ts';

export interface ClusterNodeOptions {
  /** Who opened it closes it. */
  readonly store: Store;
  /** Makes the way to other nodes, for each incarnation anew; the node closes it. Default: nobody is at the other end. */
  readonly connect?: (() => Promise<Wire>) | undefined;
  /** Clusters that share a transport are apart by it. Default 'dfns'. */
  readonly cluster?: string | undefined;
  /** What nodes of one cluster know, and sign what they send with. Default: it is not signed. */
  readonly secret?: string | undefined;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Absent: nothing is counted. */
  readonly measurements?: Measurements | undefined;
  /** Absent: there are no spans. */
  readonly tracer?: Tracer | undefined;
  readonly workflows: WorkflowRegistry;
  /** Told by `definitions`; workflows run theirs whether they are told or not. Default none. */
  readonly tasks?: readonly AnyTask[] | undefined;
  /** Middleware around the bodies of tasks and steps. */
  readonly aroundTasks?: Around<TaskCall> | null;
  /** For tasks that run in a thread; who made it closes it. */
  readonly threads?: ThreadPool | null;
  readonly deps: Deps;
  /** How workflow code is taken that no replay can repeat. Default 'off'; calls are only seen under `guard()`. */
  readonly determinism?: DeterminismMode | undefined;
  /** Where it is shown whose code runs. Default: nowhere. */
  readonly stage?: Stage | undefined;
  /** Whose code took earlier nodes of the store down. Default: what the store knows, if it keeps it. */
  readonly deaths?: Deaths | undefined;
  /** Told of the incarnation when the node has joined, and whenever it has joined again. */
  readonly joined?: ((incarnation: Incarnation) => void) | undefined;
  /** Fingerprint of the user code. */
  readonly build: string;
  /** Of dfns. */
  readonly version?: string | undefined;
  /** Default: those of the store; in a new one 16, or 256 if several nodes can share it. */
  readonly shards?: number | undefined;
  /** Names its place in the cluster, the same after a restart. Default 'local', or the incarnation's own on a shared store. */
  readonly address?: string | undefined;
  /**
   * How long after this node's death nobody takes its shards. Default 3 s, renewed three times as often; 30 s on a store
   * that is one process's alone, where it is renewed only while the node takes its shards.
   */
  readonly leaseMs?: number | undefined;
  /** A main loop that stands still for longer loses its lease. Default 10 s. */
  readonly maxStallMs?: number | undefined;
  /** Nodes come and go together: so long nobody joins or leaves before shards move to a better place. Default 10 s. */
  readonly settleMs?: number | undefined;
  readonly residents?: number | undefined;
  readonly passivateAfterMs?: number | undefined;
  /** What the node takes in before it refuses calls as OVERLOADED. */
  readonly admission?: AdmissionOptions | undefined;
  /** Messages that one turn takes at most. Default 1,000. */
  readonly messagesPerTurn?: number | undefined;
  /** In tests: executions that are numbered under one ordinal. */
  readonly runsPerOrdinal?: number | undefined;
  /** How long executions are kept whose workflow says nothing of it. Default: for good. */
  readonly retention?: Retention | undefined;
  /**
   * Each minute the inbox is read again, for messages that were lost on their way, and what is kept no longer is deleted:
   * keys that have expired, and executions. Default true; in virtual time, which skips to whatever is due next, a node
   * that never rests would leave nothing to wait for.
   */
  readonly upkeep?: boolean | undefined;
  /** In tests: what runs in place of tasks and steps. */
  readonly standIn?: StandIn | undefined;
}
