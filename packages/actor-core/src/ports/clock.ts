import type { Millis } from '../time/duration.ts';

/** A timer that is set. */
export interface Timer {
  cancel(): void;
}

/** Time as the engine knows it. Real in a node, virtual in tests. */
export interface Clock {
  /** Milliseconds since the epoch; monotonic but for corrections towards the store's clock. */
  now(): Millis;
  /** Milliseconds that have passed, since whenever; nobody sets it, so leases are measured by it. */
  elapsed(): Millis;
  /** Runs `fn` at `at` or soon after; any distance. */
  setTimer(at: Millis, fn: () => void): Timer;
  /**
   * Queues a macrotask. Those queued in one synchronous stretch run one after the other with nothing but microtasks
   * (and `afterMicrotasks`) between them.
   */
  hop(fn: () => void): void;
  /** How late the event loop has been for some time now: one long task alone does not count. Asked for by each call. */
  lag(): Millis;
  /** Called from a microtask: runs `fn` when no microtask is left, before the next hop. */
  afterMicrotasks(fn: () => void): void;
}
