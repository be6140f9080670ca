export { connect, type ConnectOptions } from './connect.ts';
export type { Fetch, Fetched } from './http/fetch.ts';
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
export type * from './operations/address.ts';
export type * from './operations/executions.ts';
export type * from './operations/messages.ts';
export type * from './operations/message-starts.ts';
export type * from './operations/actions.ts';
export type * from './operations/tasks.ts';
export type * from './operations/history.ts';
export type * from './operations/timeline.ts';
export type * from './operations/definitions.ts';
export type * from './operations/cluster.ts';
export { readFilterText, type ReadFilter } from './operations/filter-text.ts';
export type { EventItem, EventsRequest, ToldChange } from './operations/events.ts';
export type * from './operations/batch.ts';
