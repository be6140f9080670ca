/** One metric: what adapters need to make it known. */
export interface MetricDefinition {
  /** As Prometheus has it; StatsD puts dots for underscores. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Names of its labels, in the order in which values are given. None carries an id. */
  readonly labels: readonly string[];
  readonly help: string;
  /** Of a histogram: upper bounds, ascending, without +Inf. */
  readonly buckets?: readonly number[];
}

/** Of what belongs to a namespace. */
const NAMESPACE = 'dfns_namespace';

const FAST = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const TASK = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600] as const;
const EXECUTION = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1_800, 3_600, 21_600, 86_400, 604_800, 2_592_000] as const;

/** Every metric of a node. A new one is a row here and a call where the thing happens. */
export const METRICS = {
  tasksStarted: {
    name: 'dfns_tasks_started_total',
    kind: 'counter',
    labels: [NAMESPACE, 'task', 'queue'],
    help: 'Attempts of tasks and steps whose bodies began.',
  },
  tasksCompleted: {
    name: 'dfns_tasks_completed_total',
    kind: 'counter',
    labels: [NAMESPACE, 'task', 'queue'],
    help: 'Tasks and steps whose result is durable.',
  },
  tasksFailed: {
    name: 'dfns_tasks_failed_total',
    kind: 'counter',
    labels: [NAMESPACE, 'task', 'reason'],
    help: 'Tasks and steps that are over without a result: non-retryable, attempts (used up), timeout, lost, cancelled, operator.',
  },
  tasksRetried: {
    name: 'dfns_tasks_retried_total',
    kind: 'counter',
    labels: [NAMESPACE, 'task', 'queue'],
    help: 'Attempts that failed, or were lost with their node, and are followed by another.',
  },
  taskDuration: {
    name: 'dfns_task_duration_seconds',
    kind: 'histogram',
    labels: [NAMESPACE, 'task'],
    help: 'Duration of attempts, of failed ones too, as far as their end is durable.',
    buckets: TASK,
  },
  executionsStarted: {
    name: 'dfns_executions_started_total',
    kind: 'counter',
    labels: [NAMESPACE, 'workflow'],
    help: 'Executions started; later runs of one are not counted.',
  },
  executionsClosed: {
    name: 'dfns_executions_closed_total',
    kind: 'counter',
    labels: [NAMESPACE, 'workflow', 'status'],
    help: 'Executions that ended.',
  },
  executionsOpen: {
    name: 'dfns_executions_open',
    kind: 'gauge',
    labels: [NAMESPACE],
    help: 'Executions of this node that have not ended, held ones too. Those of a shard that came just now are there once they are counted.',
  },
  executionsHeld: {
    name: 'dfns_executions_held',
    kind: 'gauge',
    labels: [NAMESPACE, 'workflow', 'code'],
    help: 'Executions of this node that are held.',
  },
  executionsRetired: {
    name: 'dfns_executions_retired_total',
    kind: 'counter',
    labels: [NAMESPACE, 'workflow'],
    help: 'Executions that this node deleted, since their retention was over.',
  },
  endToEnd: {
    name: 'dfns_e2e_latency_seconds',
    kind: 'histogram',
    labels: [NAMESPACE, 'workflow', 'status'],
    help: 'From the start of the run that an execution ended with to its end.',
    buckets: EXECUTION,
  },
  turnDuration: {
    name: 'dfns_turn_duration_seconds',
    kind: 'histogram',
    labels: [],
    help: 'From the moment a turn takes its messages until it is durable.',
    buckets: FAST,
  },
  commitDuration: {
    name: 'dfns_commit_duration_seconds',
    kind: 'histogram',
    labels: ['store'],
    help: 'Of calls of the store that commit a batch, failed ones too.',
    buckets: FAST,
  },
  commitBatch: {
    name: 'dfns_commit_batch_turns',
    kind: 'histogram',
    labels: [],
    help: 'Writes of executions in one commit.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  activations: {
    name: 'dfns_activations_total',
    kind: 'counter',
    labels: ['source'],
    help: 'Actors that came into memory: start, continue-as-new, or read back from journal or snapshot.',
  },
  actorsResident: {
    name: 'dfns_actors_resident',
    kind: 'gauge',
    labels: [],
    help: 'Executions in memory.',
  },
  mailboxDepth: {
    name: 'dfns_mailbox_depth',
    kind: 'gauge',
    labels: [],
    help: 'Messages in the mailboxes of all actors.',
  },
  messages: {
    name: 'dfns_messages_total',
    kind: 'counter',
    labels: [NAMESPACE, 'kind', 'via'],
    help: 'Messages that actors took, once durable, and queries answered: direct to the mailbox, or via the inbox.',
  },
  shardsOwned: {
    name: 'dfns_shards_owned',
    kind: 'gauge',
    labels: [],
    help: 'Shards that this node owns.',
  },
  shardMoves: {
    name: 'dfns_shard_moves_total',
    kind: 'counter',
    labels: ['reason'],
    help: 'Shards that came or went: acquired (given up in order before), takeover (of a dead owner), lost, released.',
  },
  fencedCommits: {
    name: 'dfns_fenced_commits_total',
    kind: 'counter',
    labels: [],
    help: 'Writes that the store refused since another node owns the shard.',
  },
  storeOperations: {
    name: 'dfns_store_operations_total',
    kind: 'counter',
    labels: ['op', 'outcome'],
    help: 'Calls of the store: ok, refused (nothing landed), unknown (it may have landed), error.',
  },
  transportUp: {
    name: 'dfns_transport_up',
    kind: 'gauge',
    labels: [],
    help: '1 where other nodes reach this one, 0 where the transport is away. Absent on a node without one.',
  },
  storeUp: {
    name: 'dfns_store_up',
    kind: 'gauge',
    labels: [],
    help: '1 where the last call of the store was answered, else 0.',
  },
  storeConnections: {
    name: 'dfns_store_connections',
    kind: 'gauge',
    labels: ['state'],
    help: 'Of a store over a network: busy connections, and calls that wait for one.',
  },
  rejected: {
    name: 'dfns_rejected_total',
    kind: 'counter',
    labels: ['reason'],
    help: 'Calls of clients that this node refused to take: stopping, not-owner, mailbox-full, backlog, bytes, bodies, event-loop, store.',
  },
  timerLag: {
    name: 'dfns_timer_lag_seconds',
    kind: 'histogram',
    labels: [],
    help: 'How long after their due time timers of workflows rang.',
    buckets: FAST,
  },
  buildInfo: {
    name: 'dfns_build_info',
    kind: 'gauge',
    labels: ['version', 'build', 'node_version'],
    help: 'Always 1. The labels say what runs: dfns, the fingerprint of the user code, Node.',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

type Table = typeof METRICS;
/** A row of the table of metrics. */
export type MetricKey = keyof Table;
/** Metrics of one kind. */
export type MetricOf<Kind extends MetricDefinition['kind']> = {
  [Key in MetricKey]: Table[Key]['kind'] extends Kind ? Key : never;
}[MetricKey];
/** A value for each label of the metric. */
export type LabelsOf<Key extends MetricKey> = ValuesOf<Table[Key]['labels']>;

type ValuesOf<Names extends readonly string[]> = { readonly [Index in keyof Names]: string };
