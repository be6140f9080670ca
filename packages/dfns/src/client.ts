/** The HTTP client alone: for browsers, edge runtimes and processes that run no node. */
export { connect, type ConnectOptions } from '@dfnsjs/client';
export type {
  CallOptions,
  ChangeEvent,
  Client,
  ClientCall,
  ClientMiddleware,
  Count,
  Description,
  Events,
  EventsOptions,
  EventsReset,
  ExecutionChange,
  ExecutionEvent,
  ExecutionSummary,
  Filter,
  Handle,
  HistoryOptions,
  ListOptions,
  StartedHandle,
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
