import type { Attributes, AttributeValue } from '../execution/attributes.ts';
import type { Eid, Incarnation, MessageId, RunId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import type { Millis } from '../time/duration.ts';

/** The run begins. Its input and headers stand in the run row, which keeps them; attributes change there. */
export interface StartMessage {
  readonly kind: 'start';
  at: Millis;
  readonly attributes: Attributes | null;
}

export interface SignalMessage {
  readonly kind: 'signal';
  at: Millis;
  /** Of a client's message; null where another execution sent it. */
  readonly id: MessageId | null;
  /** Which execution sent it, and as its how-manieth message; 0, 0 for a client's. */
  readonly sender: Eid | 0;
  readonly number: number;
  readonly name: string;
  readonly payload: Payload;
}

export interface UpdateMessage {
  readonly kind: 'update';
  at: Millis;
  readonly id: MessageId;
  readonly name: string;
  readonly payload: Payload;
}

export interface TaskDoneMessage {
  readonly kind: 'task-done';
  at: Millis;
  readonly command: number;
  readonly attempt: number;
  readonly result: Payload;
}

/** An attempt failed. `retryAt` is when the next begins; null: the task failed for good. */
export interface TaskFailedMessage {
  readonly kind: 'task-failed';
  at: Millis;
  readonly command: number;
  readonly attempt: number;
  /** A RecordedError. */
  readonly error: Payload;
  retryAt: Millis | null;
  /** False where the attempt does not count (RetryAfterError). */
  readonly counts: boolean;
  /** Last heartbeat progress of the attempt. */
  readonly progress: Payload | null;
}

/** Written before a body begins that may run once only, or that crashed its node twice. */
export interface TaskStartedMessage {
  readonly kind: 'task-started';
  at: Millis;
  readonly command: number;
}

export interface TimerMessage {
  readonly kind: 'timer';
  at: Millis;
  readonly command: number;
}

/** A message to another execution was stored in its inbox, or could not be (`error`). */
export interface SentMessage {
  readonly kind: 'sent';
  at: Millis;
  readonly command: number;
  readonly error: Payload | null;
  /** Where its row stands in the receiver's inbox. Absent where there is none. */
  accepted?: number;
}

export interface CancelMessage {
  readonly kind: 'cancel';
  at: Millis;
  readonly id: MessageId;
  readonly reason: string | null;
}

export interface TerminateMessage {
  readonly kind: 'terminate';
  at: Millis;
  readonly id: MessageId;
  readonly reason: string | null;
}

/** The execution's or the run's timeout passed, or after that the time for cleaning up. */
export interface TimeoutMessage {
  readonly kind: 'timeout';
  at: Millis;
  readonly of: 'execution' | 'run' | 'cleanup';
}

/** The node died with the attempts of these commands in hand. */
export interface CrashMessage {
  readonly kind: 'crash';
  at: Millis;
  readonly commands: readonly number[];
  /** Deaths of nodes, by their times, that this run's code is named for. */
  readonly named?: readonly Millis[];
  /** Another run's code is named for the death: these commands lose the attempt and nothing more. */
  readonly spared?: boolean;
  /** The node that is taken for dead: should its process prove to have lived on, it counts against nobody. */
  readonly of?: Incarnation;
}

/** An operator lets a held execution go on: crash counts are cleared. */
export interface RetryMessage {
  readonly kind: 'retry';
  at: Millis;
  /** Tasks that failed, for which its onError held it: they have another attempt. Absent: there are none. */
  readonly again?: readonly number[];
}

/** Changes of attributes from outside, merged in; null removes one. */
export interface AmendMessage {
  readonly kind: 'amend';
  at: Millis;
  readonly id: MessageId;
  readonly changes: readonly (readonly [string, AttributeValue | null])[];
}

/** An operator's word on a pending task: skip its backoff, or an outcome in place of what its body would give. */
export interface TaskOverrideMessage {
  readonly kind: 'task-override';
  at: Millis;
  readonly id: MessageId;
  readonly command: number;
  readonly action: 'retry-now' | 'complete' | 'fail';
  /** The result of 'complete', the recorded error of 'fail', else null. */
  readonly payload: Payload | null;
}

/**
 * First in the part of a run that goes on from a prefix of another run's journal. What comes before it was asked for by
 * the run that it names no more: from here on the run has its own id, random numbers and attempts.
 */
export interface ResetMessage {
  readonly kind: 'reset';
  at: Millis;
  readonly runId: RunId;
  /** Of the random numbers from here on. */
  readonly seed: number;
  /** Messages that the other run had sent in all: numbers are not given twice. */
  readonly sends: number;
  /** The last place that one of them was given. Absent: it is not known. */
  readonly lastAccepted?: number;
  /** Tasks pending at the cut keep their idempotency keys: it is their work that is done again. */
  readonly keepsKeys: boolean;
}

/** All that an actor receives and its journal keeps. `at` is given when the message is applied. */
export type Message =
  | StartMessage
  | SignalMessage
  | UpdateMessage
  | TaskDoneMessage
  | TaskFailedMessage
  | TaskStartedMessage
  | TimerMessage
  | SentMessage
  | CancelMessage
  | TerminateMessage
  | TimeoutMessage
  | CrashMessage
  | RetryMessage
  | AmendMessage
  | TaskOverrideMessage
  | ResetMessage;

/** True of what is sent to an execution, whichever run takes it; others are of the run whose commands they name. */
export function isOfExecution(message: Message): boolean {
  switch (message.kind) {
    case 'signal':
    case 'update':
    case 'cancel':
    case 'terminate':
    case 'amend':
      return true;
    default:
      return false;
  }
}
