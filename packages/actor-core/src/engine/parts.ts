import type { Actor, ActorEnvironment } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import type { Eid, Epoch, ShardId } from '../ids/ids.ts';
import type { Changes } from '../ports/changes.ts';
import type { Bodies } from './bodies.ts';
import type { Callers } from './callers.ts';
import type { Committer, WriteVerdict } from './committer.ts';
import type { Entrance } from './entrance.ts';
import type { Metering } from './metering.ts';
import type { EngineOptions } from './options.ts';
import type { RemoteAttempts } from './remote-attempts.ts';
import type { Resident, Residents } from './residents.ts';
import type { RunNumbers } from './run-numbers.ts';
import type { Resting } from './resting.ts';
import type { Suspects } from './suspects.ts';
import type { Ticker } from './ticker.ts';
import type { Timers } from './timers.ts';
import type { Tracing } from './tracing.ts';

/** A shard this node owns. */
export interface OwnedShard {
  readonly shard: ShardId;
  epoch: Epoch;
  /** Highest `accepted` given or read: the next is above it. */
  accepted: number;
  /** While a resync is under way nothing of the shard is read or committed; resolves when it is over. */
  resyncing: Promise<void> | null;
  /**
   * While it is not known which runs the dead owner had in hand: those that were read meanwhile, so that none loses an
   * attempt twice. null: all of them are known, or the owner ended in order.
   */
  inDoubt: Set<Eid> | null;
  /** Whose rows are being deleted, since nobody will take them. */
  readonly dropping: Set<Eid>;
}

/** What the modules of the engine share. Each decides one thing; calls up to a higher one go through here. */
export interface EngineParts {
  readonly options: EngineOptions;
  readonly owned: Map<ShardId, OwnedShard>;
  readonly residents: Residents;
  /** Starts in hand that `residents` does not know: the id is another's in memory, or they were let go of at the store. */
  readonly aside: Set<Resident>;
  readonly callers: Callers;
  readonly timers: Timers;
  readonly bodies: Bodies;
  /** Attempts of this node's executions that run elsewhere. */
  readonly remote: RemoteAttempts;
  readonly committer: Committer;
  readonly entrance: Entrance;
  readonly ticker: Ticker;
  readonly resting: Resting<Actor>;
  readonly suspects: Suspects;
  readonly environment: ActorEnvironment;
  /** null: nobody measures. */
  readonly metering: Metering | null;
  /** null: nobody traces. */
  readonly tracing: Tracing | null;
  /** null: nobody listens. */
  changes: Changes | null;
  stopping: boolean;
  /** No new calls and bodies; what is in hand goes on. */
  draining: boolean;
  readonly numbers: RunNumbers;
  deliver(namespace: string, id: string, delivery: Delivery): void;
  /** The actor has mail. */
  ready(actor: Actor): void;
  /** The actor's code cannot go on; held at once unless a turn of it is under way. */
  faulted(actor: Actor): void;
  /** A write about this resident was refused for a reason that means its memory is not to be trusted. */
  lost(resident: Resident, verdict: WriteVerdict): void;
}
