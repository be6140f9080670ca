/** The HTTP client alone: for browsers, edge runtimes and processes that run no node. */
export { connect, type ConnectOptions } from '@dfnsjs/client';
export type {
  CallOptions,
  Client,
  Count,
  DefinitionsReply as Definitions,
  Description,
  ExecutionEvent,
  ExecutionState,
  ExecutionSummary,
  Filter,
  Handle,
  HistoryOptions,
  ListOptions,
  NodeInfo,
  StartedHandle,
  Timeline,
} from '@dfnsjs/client';
export {
  CancelledError,
  DfnsError,
  isFailure,
  TaskError,
  TerminatedError,
  TimeoutError,
  type ErrorCode,
} from '@dfnsjs/actor-core';
