import type { Incarnation } from '@dfnsjs/actor-core/records';

/**
 * Frames between incarnations. Best effort: one may be lost, come late, come twice, or out of order; none is ever
 * damaged. What must arrive is asked for again above, and is a row of the store in any case.
 */
export interface Wire {
  /**
   * Frames to `self`, and those to all, arrive at `receive` from now on, each once the code that runs has ended. The
   * wire does not look at them again, and views into one keep its memory. `receive` does not throw. Resolves when the subscription is in effect
   * at the server, or when no server is there: the wire then connects as soon as there is one.
   *
   * VALIDATION where it was opened before; FORBIDDEN where the server refuses the credentials or the subjects.
   */
  open(self: Incarnation, receive: (frame: Uint8Array) => void): Promise<void>;
  /**
   * false: it was not taken (away, or too much is waiting to be sent): nothing was sent. Nobody tells whether there is a
   * receiver. The frame must not be changed afterwards. LIMIT_EXCEEDED for one above `maxBytes`.
   */
  send(to: Incarnation, frame: Uint8Array): boolean;
  /** To every other open wire of the cluster, not to this one. Otherwise as `send`. */
  broadcast(frame: Uint8Array): boolean;
  /** Frames go out, and come in. */
  readonly connected: boolean;
  /** Told of each change, until it is closed. */
  onConnected(listener: (connected: boolean) => void): void;
  /** Of one frame. It can change with each connection. */
  readonly maxBytes: number;
  /** What was taken is sent, if that is possible within a second. Nothing is taken or arrives any more. */
  close(): Promise<void>;
}
