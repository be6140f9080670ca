import type { Payload } from '../payload/payload.ts';
import type { MessageId } from '../ids/ids.ts';

/** The workflow's code, as the messages of a run see it. */
export interface Program {
  /** Calls the workflow function. */
  begin(): void;
  /** Gives the signal to its handler; false where none is registered. */
  handleSignal(name: string, payload: Payload): boolean;
  /** Calls the update's handler, which is registered. */
  handleUpdate(id: MessageId, name: string, payload: Payload): void;
  /** Draws random numbers by this seed from now on. */
  reseed(seed: number): void;
  /** Ends the run without the workflow function's doing. */
  end(status: 'terminated' | 'timed-out', why: unknown): void;
}
