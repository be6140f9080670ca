export { connect, type ConnectOptions } from './connect.ts';
export { createClient, type Client, type Count, type ListOptions } from './client.ts';
export type { StartItem, StartOutcome } from './start-many.ts';
export type { ClientEnvironment } from './environment.ts';
export { layers, type ClientCall, type ClientMiddleware, type Middleware } from './middleware/index.ts';
export type { CallOptions } from './call-options.ts';
export type { ChangeEvent, Events, EventsOptions, EventsReset, ExecutionChange } from './events.ts';
export type { Filter } from './filter.ts';
export type { SignalWithStartOptions, UpdateWithStart, UpdateWithStartOptions } from './message-start.ts';
export type {
  AcceptedUpdate,
  Handle,
  HistoryOptions,
  RetryOptions,
  StartedHandle,
  StateOptions,
  Taken,
  TaskFailure,
} from './handle-types.ts';
export type { Cluster, ClusterMember, Definitions, NodeInfo } from './node-info.ts';
export type { ExecutionState, Timeline, TimelineAttempt, TimelineSpan } from './spans.ts';
export type { Description, ExecutionEvent, ExecutionSummary } from './descriptions.ts';

export type { HistoryFile } from '@dfnsjs/actor-core/values';
export type { Operations, WaitOptions } from './operations/operations.ts';
export * from './operations/address.ts';
export * from './operations/executions.ts';
export * from './operations/messages.ts';
export * from './operations/message-starts.ts';
export * from './operations/actions.ts';
export * from './operations/tasks.ts';
export * from './operations/history.ts';
export * from './operations/timeline.ts';
export * from './operations/definitions.ts';
export * from './operations/cluster.ts';
export { readFilterText, type ReadFilter } from './operations/filter-text.ts';
export { declaredSchema } from './operations/declared-schema.ts';
export type { EventItem, EventsRequest, ToldChange } from './operations/events.ts';
export * from './operations/batch.ts';
