import { STATUSES } from '@dfnsjs/actor-core/values';
import { z } from 'zod';
import { executionAddress } from './address.ts';
import { instant, recordedError } from './payload.ts';

const status = z.enum(STATUSES);

export const SPAN_KINDS = ['task', 'timer', 'wait', 'condition', 'send', 'signal', 'update'] as const;
export const SPAN_STATUSES = ['running', 'completed', 'failed', 'timed-out', 'cancelled'] as const;

/** One attempt of a task. */
export const attemptSpan = z.object({
  attempt: z.int(),
  startedAt: instant,
  endedAt: instant.optional(),
  error: recordedError.optional(),
  /** When the next attempt begins. */
  retryAt: instant.optional(),
});
export type AttemptSpan = z.infer<typeof attemptSpan>;

/** Something that went on for a while, from when it was asked for or came in. */
export const span = z.object({
  kind: z.enum(SPAN_KINDS),
  command: z.int().optional(),
  updateId: z.string().optional(),
  name: z.string().optional(),
  label: z.string().optional(),
  status: z.enum(SPAN_STATUSES),
  startedAt: instant,
  endedAt: instant.optional(),
  /** When a timer is due, or a wait gives up. */
  until: instant.optional(),
  /** Of a task. */
  attempts: z.array(attemptSpan).optional(),
});
export type Span = z.infer<typeof span>;

export const timelineRequest = executionAddress.extend({
  /** Absent: the newest run. */
  runId: z.string().optional(),
});
export type TimelineRequest = z.infer<typeof timelineRequest>;

/**
 * The journal of a run as spans, in order of their beginning. No code is run for it: what code gave up (the loser of a
 * race, a condition that came to hold) ends with the run, since nothing of it is journaled.
 */
export const timelineReply = z.object({
  runId: z.string(),
  status,
  startedAt: instant,
  closedAt: instant.optional(),
  spans: z.array(span),
});
export type TimelineReply = z.infer<typeof timelineReply>;

export const stateRequest = timelineRequest.extend({
  /** As it was after this turn. Absent: the last. */
  atTurn: z.int().optional(),
});
export type StateRequest = z.infer<typeof stateRequest>;

const attributeValue = z.union([z.string(), z.number(), z.boolean(), z.date()]);

/** What the journal says of a run as of a turn, without running code. */
export const stateReply = z.object({
  runId: z.string(),
  turn: z.int(),
  /** Of the turn's last message. */
  at: instant,
  status,
  attributes: z.record(z.string(), attributeValue),
  details: z.string().optional(),
  /** What has begun and not ended. */
  open: z.array(span),
});
export type StateReply = z.infer<typeof stateReply>;
