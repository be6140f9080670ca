import type { Millis } from '../time/duration.ts';

/** What a client asks for that may be refused. Cancels, terminates and what the node itself brings never are. */
export type Entry = 'start' | 'message';

/** How much a node has in hand. */
export interface Load {
  /** Calls of clients that are not durable yet. */
  readonly calls: number;
  /** Actors that wait for their turn, and writes that wait for the store. */
  readonly waiting: number;
  /** What came with those calls. */
  readonly bytes: number;
  /** Task bodies in hand, ended ones whose outcome is not committed included. */
  readonly bodies: number;
  /** Messages that the receiver has not taken, signals that its code has not read included; 0 for a start. */
  readonly mailbox: number;
  /** How late the event loop is, for some time now. */
  readonly lagMs: Millis;
  /** For how long the store has not said what became of a write. */
  readonly silentMs: Millis;
}

export interface AdmissionBounds {
  /** Messages in one mailbox. */
  readonly mailbox: number;
  /** Calls, and turns and writes, that wait: from here on new starts are refused, from twice as many on messages too. */
  readonly backlog: number;
  /** As `backlog`, of the bytes of inputs and payloads of those calls. */
  readonly bytes: number;
  /** As `backlog`, of task bodies in hand. */
  readonly bodies: number;
  /** As `backlog`, of the event loop's lag. */
  readonly lagMs: Millis;
  /** As `backlog`, of a store that takes nothing: whoever asks hears so, rather than wait with what waits already. */
  readonly silentMs: Millis;
}

/** Bounds as options give them; what is left out has its default. */
export type AdmissionOptions = { readonly [Bound in keyof AdmissionBounds]?: AdmissionBounds[Bound] | undefined };

/** Which bound a call would break. */
export type Overload = 'mailbox' | 'backlog' | 'bytes' | 'bodies' | 'event-loop' | 'store';

/** Running work is worth more than new work: starts are refused at half of what messages are. */
const MESSAGES_OVER_STARTS = 2;

/** Decides whether a call may enter. Pure. */
export function overloadOf(entry: Entry, load: Load, bounds: AdmissionBounds): Overload | null {
  if (load.mailbox >= bounds.mailbox) return 'mailbox';
  const scale = entry === 'start' ? 1 : MESSAGES_OVER_STARTS;
  if (Math.max(load.calls, load.waiting) >= bounds.backlog * scale) return 'backlog';
  if (load.bytes >= bounds.bytes * scale) return 'bytes';
  if (load.bodies >= bounds.bodies * scale) return 'bodies';
  if (load.lagMs >= bounds.lagMs * scale) return 'event-loop';
  if (load.silentMs >= bounds.silentMs * scale) return 'store';
  return null;
}

const RETRY_AFTER_MS = 1_000;

/**
 * When to try again: about a second, or as long as the loop lags, half of it to one and a half times as much, so that
 * those who are refused together do not come again together. `chance` is 0 to below 1.
 */
export function retryAfterMs(load: Load, chance: number): Millis {
  return Math.round(Math.max(RETRY_AFTER_MS, load.lagMs) * (0.5 + chance));
}
