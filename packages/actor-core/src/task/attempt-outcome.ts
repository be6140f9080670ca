import type { TaskDoneMessage } from '../message/message.ts';
import type { Payload } from '../payload/payload.ts';

/** How an attempt ended. */
export type AttemptOutcome =
  /** The message that says so. */
  | TaskDoneMessage
  | {
      readonly kind: 'failed';
      readonly error: unknown;
      /** The error forbids another attempt. */
      readonly final: boolean;
      /** The error asks for this wait, and the attempt does not count. */
      readonly afterMs: number | null;
      readonly progress: Payload | null;
    };
