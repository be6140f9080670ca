import type { NodeReport, Renewed } from './membership.ts';

/** How a store renews a lease by itself. */
export interface RenewalOptions {
  readonly everyMs: number;
  /** A main loop that has stood still for longer loses its lease: nobody waits for what hangs. */
  readonly maxStallMs: number;
  /** Asked for in the main loop, some times a second, and by `stamp`. */
  report(): NodeReport;
}

/** An answer of the store, and when it was asked. */
export interface Renewal {
  /** By `Renewals.now`: a lease that it extended counts from here. */
  readonly sentAt: number;
  readonly answer: Renewed;
}

/** A lease that is renewed whatever the main loop does, until the store says that it is over. */
export interface Renewals {
  /** Monotonic milliseconds since any moment, alike in all threads. */
  now(): number;
  /** Also what came while the main loop was busy; undefined: none came yet. Cheap enough to ask before each answer. */
  last(): Renewal | undefined;
  /** Told of each answer, in order, from the main loop. */
  onAnswer(listener: (renewal: Renewal) => void): void;
  /** Told of each renewal that failed, from the main loop; it is tried again. */
  onFailure(listener: () => void): void;
  /** Renewals that are sent from here on tell the report of now, and none before it. */
  stamp(): void;
  /** Renews no more; resolves when nothing of it runs. */
  stop(): Promise<void>;
}
