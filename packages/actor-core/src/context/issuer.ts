import type { Command } from '../command/command.ts';
import type { AnyQuery } from '../definition/query.ts';
import type { AnyUpdate } from '../definition/update.ts';
import type { Log } from '../ports/telemetry/log.ts';
import type { Scope } from '../state/scope.ts';
import type { RunState } from '../state/state.ts';
import type { Millis } from '../time/duration.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { CommandPromise, RejectionWitness } from './command-promise.ts';

/** What user code threw: any value, undefined too. */
export interface Thrown {
  readonly error: unknown;
}

/** What a run's history has: replay hands out its commands in order and refuses others. */
export interface RecordedCommands {
  /**
   * The recorded command in place of the one asked for; undefined past the end of the history. Throws NON_DETERMINISM,
   * which names what the code threw, if it did.
   */
  match(n: number, asked: Command, thrown: Thrown | null): Command | undefined;
  /** What stands there, whatever is asked for. */
  at(n: number): Command | undefined;
}

type Handler = (input: unknown) => unknown;

/** Where `ctx.on` puts handlers. */
export interface HandlerRegistry {
  readonly signals: { has(name: string): boolean };
  onQuery(query: AnyQuery, run: Handler): void;
  onUpdate(update: AnyUpdate, run: Handler, validate: ((input: unknown) => void) | null, serial: boolean): void;
  onSignal(name: string, run: Handler, serial: boolean): void;
}

/** What stands under every ctx call: the run whose code is calling. */
export interface Issuer extends RejectionWitness {
  readonly state: RunState;
  readonly handlers: HandlerRegistry;
  readonly log: Log;
  readonly random: SeededRandom;
  readonly replaying: boolean;
  /** Throws unless this run's code is being run right now: what a foreign promise resumed cannot be replayed. */
  assertRunning(): void;
  /**
   * Numbers and records a command; in replay gives the recorded one, whose times count. LIMIT_EXCEEDED past the
   * commands of a turn. Throws CancelledError where `scope` is cancelled.
   */
  issue<C extends Command>(command: C, scope: Scope): C;
  /** Milliseconds since the epoch by the node's clock: for due times only, never for workflow code. */
  clockNow(): Millis;
  /** Sees to it that conditions, and waits for signals that are there already, are looked at when this drain is over. */
  checkWaits(): void;
  promise<T>(): CommandPromise<T>;
  /**
   * True where this run's code is being run right now, and goes on. Resumed by something that is no message of its own,
   * it is to be held.
   */
  inOwnTurn(): boolean;
  /** An update's outcome is recorded: the run may end now. */
  updateAnswered(): void;
  continueAsNew(version: number | null, input: unknown): void;
}
