import type { Incarnation } from '@dfnsjs/actor-core/records';

/** Frames between incarnations. Best effort: one may be lost, come twice, or out of order; none is ever damaged. */
export interface Wire {
  /** Frames to `self`, and those to all, arrive at `receive` from now on, and no more at an earlier one. */
  open(self: Incarnation, receive: (frame: Uint8Array) => void): Promise<void>;
  /** false: it was not taken (away, or too much is waiting to be sent): nothing was sent. */
  send(to: Incarnation, frame: Uint8Array): boolean;
  broadcast(frame: Uint8Array): boolean;
  readonly connected: boolean;
  /** Told of each change. */
  onConnected(listener: (connected: boolean) => void): void;
  /** Of one frame. */
  readonly maxBytes: number;
  close(): Promise<void>;
}
