export { DfnsError, type DfnsErrorOptions } from './errors/dfns-error.ts';
export { ADVICE, type ErrorCode } from './errors/codes.ts';
export { TaskError, type TaskErrorOptions } from './errors/task-error.ts';
export type { FailureRecord } from './errors/failure-record.ts';
export { TimeoutError } from './errors/timeout-error.ts';
export { CancelledError } from './errors/cancelled-error.ts';
export { TerminatedError } from './errors/terminated-error.ts';
export type { Duration, DurationUnit, Instant, Millis } from './time/duration.ts';

export type { RetryOptions } from './options/retry.ts';
export type { TaskTimeouts, WorkflowTimeouts } from './options/timeouts.ts';
export type { OnConflict, Reuse, StartOptions } from './options/start.ts';

export type { AttributeType, AttributeValue } from './execution/attributes.ts';
export type { AttributeChanges, AttributeTypes, AttributeValues } from './definition/attribute-types.ts';
export type { InputArgs, InputOf, OutputOf } from './definition/inference.ts';
export type { Logger } from './definition/logger.ts';
export { compose, type Around, type Layer, type TaskCall } from './definition/middleware.ts';
export { query, type AnyQuery, type QueryDefinition, type QueryOptions } from './definition/query.ts';
export { NonRetryableError, RetryAfterError, type RetryAfterOptions } from './definition/retry-control.ts';
export type { RunOptions } from './definition/run-options.ts';
export type { Schema } from './definition/schema.ts';
export {
  signal,
  type AnySignal,
  type PayloadOf,
  type SignalDefinition,
  type SignalOptions,
} from './definition/signal.ts';
export type { Deps, TaskContext } from './definition/task-context.ts';
export { task, type AnyTask, type TaskDefinition, type TaskOptions } from './definition/task.ts';
export { TypedFailure, isFailure, type FailureSchemas, type NoFailures } from './definition/typed-failure.ts';
export { update, type AnyUpdate, type UpdateDefinition, type UpdateOptions } from './definition/update.ts';
export type { RetentionOption } from './definition/retention.ts';
export type {
  AnyWorkflowReference,
  AttributesOf,
  ErrorVerdict,
  QueriesOf,
  SignalsOf,
  UpdatesOf,
  WorkflowOptions,
  WorkflowReference,
} from './definition/workflow-reference.ts';

export type { Branch, BranchResult, MapFailure, MapOptions, MapResult, RaceResult, Thunk } from './context/branches.ts';
export type { DurablePromise } from './context/durable-promise.ts';
export type {
  ElseOptions,
  HandlerOptions,
  OtherExecution,
  Received,
  ScopeContext,
  UpdateHandlerOptions,
  WaitOptions,
  WorkflowContext,
  WorkflowInfo,
} from './context/workflow-context.ts';

export type { WorkflowCall } from './workflow/workflow-call.ts';
export { workflow, type AnyWorkflow, type WorkflowDeclaration, type WorkflowDefinition } from './workflow/workflow.ts';
