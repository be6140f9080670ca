import { STATUSES } from '@dfnsjs/actor-core/values';
import { z } from 'zod';
import { executionAddress } from './address.ts';
import { instant, payload, recordedError } from './payload.ts';

export const historyRequest = executionAddress.extend({
  /** Absent: the newest run. */
  runId: z.string().optional(),
  limit: z.int().min(1),
  /** Of the page before. */
  cursor: z.string().optional(),
  /** Instead of a cursor: the first event's seq. */
  from: z.int().min(1).optional(),
});
export type HistoryRequest = z.infer<typeof historyRequest>;

/** What came in, and what the workflow asked for. */
export const EVENT_TYPES = [
  'started',
  'task-scheduled',
  'task-started',
  'task-completed',
  'task-failed',
  'task-overridden',
  'timer-set',
  'timer-fired',
  'signal-awaited',
  'signal-received',
  'condition-awaited',
  'signal-sending',
  'signal-sent',
  'update-received',
  'update-answered',
  'attributes-set',
  'details-set',
  'cancel-requested',
  'terminate-requested',
  'timed-out',
  'node-crashed',
  'retried',
  'reset',
  'continued-as-new',
  'closed',
] as const;

export const historyEvent = z.object({
  /** From 1, over the run. */
  seq: z.int(),
  /** The turn that it was committed with; turn 1 takes the start. */
  turn: z.int(),
  at: instant,
  type: z.enum(EVENT_TYPES),
  /** Number of the command that it is, or is about. */
  command: z.int().optional(),
  /** Of the task, signal or update. */
  name: z.string().optional(),
  label: z.string().optional(),
  attempt: z.int().optional(),
  /** Input, result or payload. */
  value: payload.optional(),
  /** A recorded error. */
  error: recordedError.optional(),
  /** When a timer is due, or the next attempt begins. */
  until: instant.optional(),
  /** Id of the execution that a signal goes to. */
  to: z.string().optional(),
  updateId: z.string().optional(),
  reason: z.string().optional(),
  status: z.enum(STATUSES).optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.date(), z.null()])).optional(),
  details: z.string().optional(),
});
export type HistoryEvent = z.infer<typeof historyEvent>;

export const historyReply = z.object({
  runId: z.string(),
  items: z.array(historyEvent),
  cursor: z.string().optional(),
});
export type HistoryReply = z.infer<typeof historyReply>;

export const exportHistoryRequest = executionAddress.extend({
  /** Absent: the newest run. */
  runId: z.string().optional(),
});
export type ExportHistoryRequest = z.infer<typeof exportHistoryRequest>;

/** One run's history as a file: JSON, whole in itself, what `replay` and `dfns replay` take. */
export const historyFile = z.object({
  format: z.literal('dfns-history/1'),
  execution: z.object({
    namespace: z.string(),
    id: z.string(),
    runId: z.string(),
    workflow: z.string(),
    version: z.int(),
    build: z.string(),
    status: z.enum(STATUSES),
    startedAt: z.string(),
    closedAt: z.string().nullable(),
    seed: z.number(),
    lineage: z.string().nullable(),
    headers: z.record(z.string(), z.string()).nullable(),
    deadline: z.number().nullable(),
    runDeadline: z.number().nullable(),
  }),
  /** Encoded values, in base64. */
  input: z.string().nullable(),
  output: z.string().nullable(),
  carry: z.string().nullable(),
  turns: z.array(
    z.object({
      seq: z.int(),
      at: z.string(),
      messages: z.array(z.string()),
      commands: z.array(z.string()),
      record: z.string(),
    }),
  ),
});
