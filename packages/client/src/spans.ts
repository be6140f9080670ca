import { decodeError, type AttributeValue, type Status } from '@dfnsjs/actor-core/values';
import type { AttemptSpan, Span, StateReply, TimelineReply } from './operations/timeline.ts';

/** One attempt of a task. */
export interface TimelineAttempt {
  readonly attempt: number;
  readonly startedAt: Date;
  readonly endedAt?: Date | undefined;
  /** Why it failed. */
  readonly error?: Error | undefined;
  /** When the next attempt begins. */
  readonly retryAt?: Date | undefined;
}

/** Something that went on for a while, from when it was asked for or came in. */
export interface TimelineSpan {
  readonly kind: Span['kind'];
  readonly status: Span['status'];
  /** Number of its command in the history; what came from outside has none. */
  readonly command?: number | undefined;
  readonly updateId?: string | undefined;
  readonly name?: string | undefined;
  readonly label?: string | undefined;
  readonly startedAt: Date;
  readonly endedAt?: Date | undefined;
  /** When a timer is due, or a wait gives up. */
  readonly until?: Date | undefined;
  /** Of a task. */
  readonly attempts?: readonly TimelineAttempt[] | undefined;
}

/** A run as spans, in order of their beginning. */
export interface Timeline {
  readonly runId: string;
  readonly status: Status;
  readonly startedAt: Date;
  readonly closedAt?: Date | undefined;
  readonly spans: readonly TimelineSpan[];
}

/** What the journal says of a run as of a turn. */
export interface ExecutionState {
  readonly runId: string;
  readonly turn: number;
  /** Of the turn's last message. */
  readonly at: Date;
  readonly status: Status;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly details?: string | undefined;
  /** What had begun and not ended. */
  readonly open: readonly TimelineSpan[];
}

export function readTimeline({ startedAt, closedAt, spans, ...rest }: TimelineReply): Timeline {
  return { ...rest, startedAt: new Date(startedAt), ...dated('closedAt', closedAt), spans: spans.map(readSpan) };
}

export function readState({ at, open, ...rest }: StateReply): ExecutionState {
  return { ...rest, at: new Date(at), open: open.map(readSpan) };
}

function readSpan({ startedAt, endedAt, until, attempts, ...rest }: Span): TimelineSpan {
  return {
    ...rest,
    startedAt: new Date(startedAt),
    ...dated('endedAt', endedAt),
    ...dated('until', until),
    ...(attempts === undefined ? {} : { attempts: attempts.map(readAttempt) }),
  };
}

function readAttempt({ attempt, startedAt, endedAt, retryAt, error }: AttemptSpan): TimelineAttempt {
  return {
    attempt,
    startedAt: new Date(startedAt),
    ...dated('endedAt', endedAt),
    ...dated('retryAt', retryAt),
    ...(error === undefined ? {} : { error: decodeError(error) }),
  };
}

function dated<Name extends string>(name: Name, ms: number | undefined): { readonly [N in Name]?: Date } {
  return ms === undefined ? {} : ({ [name]: new Date(ms) } as { readonly [N in Name]?: Date });
}
