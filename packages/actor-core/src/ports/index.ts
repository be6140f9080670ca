export type { Clock, Timer } from './clock.ts';
export type { Chance } from './chance.ts';
export { CHANGES, changeOf, type Change, type Changes } from './changes.ts';
export type { ThreadCall, ThreadListener, ThreadOutcome, ThreadPool } from './thread-pool.ts';
export { withFields, type Log, type LogFields, type LogLevel } from './telemetry/log.ts';
export { METRICS, type LabelsOf, type MetricDefinition, type MetricKey, type MetricOf } from './telemetry/metrics.ts';
export { Distribution, Measurements, type Counter, type Reading } from './telemetry/measurements.ts';
export {
  formatTraceparent,
  parseTraceparent,
  TRACEPARENT_HEADER,
  type Span,
  type SpanAttributes,
  type TraceContext,
  type Tracer,
} from './telemetry/spans.ts';
export type { Telemetry } from './telemetry/telemetry.ts';
export type { Removal, Store } from './store/store.ts';
export { rulesFor, type Retired, type RetentionRule } from './store/retention.ts';
export * from './store/commit.ts';
export {
  inboxKeyOf,
  inSenderOrder,
  type Acceptance,
  type InboxKey,
  type InboxRow,
  type TimedRow,
} from './store/inbox.ts';
export type { LoadedRun } from './store/load.ts';
export type { DuePlace, DueRow, ScanFrom } from './store/scans.ts';
export {
  NO_REPORT,
  type Acquired,
  type Duty,
  type Joined,
  type JoinRequest,
  type Member,
  type Membership,
  type NodeReport,
  type OpenWorkflow,
  type Released,
  type Renewed,
  type ServedWorkflow,
  type ShardRow,
} from './store/membership.ts';
export { NOBODY, type DeathNote, type DeathRow } from './store/deaths.ts';
export type { Renewal, RenewalOptions, Renewals } from './store/renewals.ts';
export { ownedText } from './store/owned.ts';
export type { Counted, ListedRun } from './store/listing.ts';
export type { AtRest, OpenCount } from './store/open-count.ts';
export type { Deaths, Stage } from './stage.ts';
