import { STATUSES } from '@dfnsjs/actor-core/values';
import { z } from 'zod';
import { definitionName, executionAddress, executionId } from './address.ts';
import { instant, payload, recordedError } from './payload.ts';

const attributeValue = z.union([z.string(), z.number(), z.boolean(), z.date()]);
const attributes = z.record(z.string(), attributeValue);
const status = z.enum(STATUSES);

export const startRequest = z.object({
  namespace: executionId,
  /** Absent: made. */
  id: executionId.optional(),
  workflow: definitionName,
  /** Absent: the highest that is registered. */
  version: z.int().min(1).optional(),
  /** As the caller gave it: it is parsed where the execution is started. */
  input: payload,
  onConflict: z.enum(['fail', 'use-existing', 'terminate-existing']),
  reuse: z.enum(['always', 'after-failure', 'never']),
  /** Checked against what the workflow declares. */
  attributes: z.record(z.string(), z.unknown()).optional(),
  headers: z.map(z.string(), z.string()).optional(),
  idempotencyKey: executionId.optional(),
  /** W3C trace context of the caller, where the headers hold none. */
  traceparent: z.string().optional(),
});
export type StartRequest = z.infer<typeof startRequest>;

export const startReply = z.object({
  id: z.string(),
  runId: z.string(),
  workflow: z.string(),
  version: z.int(),
  /** It was there already. */
  existing: z.boolean(),
});
export type StartReply = z.infer<typeof startReply>;

/** One thing that a running execution waits on. */
const waiting = z.object({
  kind: z.enum(['task', 'timer', 'signal', 'condition', 'execution', 'update']),
  name: z.string().optional(),
  attempt: z.int().optional(),
  lastError: z.string().optional(),
  nextAt: instant.optional(),
  until: instant.optional(),
  id: z.string().optional(),
});

/** Why an execution is held: it takes no turns, and goes on by itself or by retry. */
export const heldNotice = z.object({ code: z.string(), message: z.string() });

/** An execution as lists show it. Times are milliseconds since the epoch. */
export const listedExecution = z.object({
  id: z.string(),
  runId: z.string(),
  workflow: z.string(),
  version: z.int(),
  status,
  held: heldNotice.extend({ at: instant }).optional(),
  startedAt: instant,
  closedAt: instant.optional(),
  attributes,
  details: z.string().optional(),
  /** As of its last rest of 10 s, in lists; as of now in describe. So are turns, bytes and lastError. */
  waiting: z.array(waiting),
  turns: z.int(),
  bytes: z.int(),
  lastError: z.string().optional(),
  build: z.string(),
  startedBy: z.string().optional(),
});
export type ListedExecution = z.infer<typeof listedExecution>;

export const executionDescription = listedExecution.extend({
  /** It waits on nothing that could ever resume it. */
  stuck: z.object({ code: z.string(), message: z.string() }).optional(),
  input: payload,
  /** Of a completed one. */
  result: payload.optional(),
  /** Why it did not complete: a recorded error. */
  error: recordedError.optional(),
  /** Oldest first; earlier ones continued as new, or were retried. */
  runs: z.array(z.object({ runId: z.string(), status, startedAt: instant, closedAt: instant.optional() })),
  shard: z.int(),
  /** The incarnation that runs it; absent while its shard changes hands. */
  node: z.string().optional(),
});
export type ExecutionDescription = z.infer<typeof executionDescription>;

export const executionFilter = z.object({
  namespace: executionId,
  workflow: z.string().optional(),
  status: z.array(status).optional(),
  held: z.boolean().optional(),
  attributes: attributes.optional(),
  idPrefix: z.string().optional(),
  startedAfter: instant.optional(),
  startedBefore: instant.optional(),
  /** Terms that must hold as well: `status:failed,held version<3 -error:~ECONN`. See `readFilterText`. */
  q: z.string().optional(),
});
export type ExecutionFilter = z.infer<typeof executionFilter>;

export const listRequest = executionFilter.extend({
  order: z.enum(['newest', 'oldest']),
  limit: z.int().min(1),
  /** Of the page before. */
  cursor: z.string().optional(),
});
export type ListRequest = z.infer<typeof listRequest>;

export const listReply = z.object({
  items: z.array(listedExecution),
  /** Of the next page; absent where this is the last. */
  cursor: z.string().optional(),
  /** So many executions were looked at, and no more: the next page goes on from there. */
  partial: z.boolean().optional(),
});
export type ListReply = z.infer<typeof listReply>;

export const countReply = z.object({
  count: z.int(),
  byStatus: z.record(z.string(), z.int()),
  byWorkflow: z.record(z.string(), z.int()),
  /** There are more: counting stopped. */
  capped: z.boolean(),
  /** So many executions were looked at, and no more. */
  partial: z.boolean().optional(),
});
export type CountReply = z.infer<typeof countReply>;

export const resultReply = z.object({
  status: z.enum(['completed', 'failed', 'cancelled', 'terminated', 'timed-out']),
  /** The result of a completed execution, else a recorded error. */
  output: payload,
});
export type ResultReply = z.infer<typeof resultReply>;

/** The last turn of the running run. */
export const turnReply = z.object({ runId: z.string(), turn: z.int() });
export type TurnReply = z.infer<typeof turnReply>;

export const turnRequest = executionAddress.extend({
  /** Answered when another turn than this is the last. */
  after: turnReply.optional(),
});
export type TurnRequest = z.infer<typeof turnRequest>;
