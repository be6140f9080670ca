import { STATUSES } from '@dfnsjs/actor-core/values';
import { z } from 'zod';
import { executionId } from './address.ts';
import { executionFilter } from './executions.ts';
import { instant } from './payload.ts';

const { namespace, workflow, status, held, attributes, idPrefix, startedAfter, startedBefore } = executionFilter.shape;

/** Whose changes are told: of executions of which all parts hold as of the change. */
export const eventsRequest = z.object({
  namespace,
  id: executionId.optional(),
  workflow,
  status,
  held,
  attributes,
  idPrefix,
  startedAfter,
  startedBefore,
  /** Cursor of the last event that was had, of the same request: what came after it is told first. Absent: from now on. */
  lastEventId: z.string().optional(),
});
export type EventsRequest = z.infer<typeof eventsRequest>;

/**
 * What a commit did to an execution. `started`: a run of it is there, the first, a retry, or the next one after
 * continue-as-new. `released`: it is held no more. `changed`: any other turn. A turn that does several things is told
 * once, as the most telling; turns that follow on each other within a moment are told as the last of them.
 */
export const CHANGE_TYPES = ['started', 'changed', 'attributes-set', 'held', 'released', 'closed', 'deleted'] as const;

export const toldChange = z.object({
  type: z.enum(CHANGE_TYPES),
  namespace: z.string(),
  id: z.string(),
  runId: z.string(),
  workflow: z.string(),
  version: z.int(),
  status: z.enum(STATUSES),
  /** Code of why it takes no turns. */
  held: z.string().optional(),
  /** The last turn of the run; 0 before its first. */
  turn: z.int(),
  at: instant,
});
export type ToldChange = z.infer<typeof toldChange>;

/** What was between the last event and this one is not known: lists have to be read again. Later changes are told. */
export interface ResetEvent {
  readonly type: 'reset';
}

/** One item of a stream of events; the first comes at once, and says that changes are told from then on. */
export interface EventItem {
  /** Where the stream stands, as a `lastEventId`. */
  readonly cursor: string;
  /** Absent: it only stands further on. */
  readonly event?: ToldChange | ResetEvent | undefined;
}
