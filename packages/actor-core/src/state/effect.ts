import type { MessageId } from '../ids/ids.ts';
import type { Cancellation } from './scope.ts';
import type { KnownUpdate } from './dedupe.ts';
import type { Millis } from '../time/duration.ts';
import type { SendPending, TaskPending, TimedPending } from './pending.ts';

/** What a turn asks of the node. Nothing of it happens before the turn is durable. */
export type Effect =
  | { readonly kind: 'run-task'; readonly task: TaskPending }
  /** A command that was given up: its body is aborted. */
  | { readonly kind: 'abort-task'; readonly command: number; readonly why: Cancellation }
  /** The completion of a body is journaled: it need not be offered again. */
  | { readonly kind: 'forget-body'; readonly command: number }
  | { readonly kind: 'send'; readonly send: SendPending }
  /** A wait with a due time. */
  | { readonly kind: 'arm'; readonly pending: TimedPending; readonly due: Millis }
  | { readonly kind: 'answer-update'; readonly id: MessageId; readonly outcome: KnownUpdate };
