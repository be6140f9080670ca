import type { Actor, ActorEnvironment } from '../actor/actor.ts';
import type { Eid, Epoch, ShardId } from '../ids/ids.ts';
import type { Bodies } from './bodies.ts';
import type { Callers } from './callers.ts';
import type { Committer } from './committer.ts';
import type { EngineOptions } from './options.ts';
import type { CommitVerdict } from '../ports/store/commit.ts';
import type { Resident, Residents } from './residents.ts';
import type { Resting } from './resting.ts';
import type { SingleStarts } from './single-starts.ts';
import type { Ticker } from './ticker.ts';
import type { Timers } from './timers.ts';

/** A shard this node owns. */
export interface OwnedShard {
  readonly shard: ShardId;
  epoch: Epoch;
  /** Highest `accepted` given or read: the next is above it. */
  accepted: number;
  /** A resync is under way: nothing of the shard is committed meanwhile. */
  resyncing: boolean;
}

/** What the modules of the engine share. Each decides one thing; none keeps state of its own elsewhere. */
export interface EngineParts {
  readonly options: EngineOptions;
  readonly owned: Map<ShardId, OwnedShard>;
  readonly residents: Residents;
  readonly callers: Callers;
  readonly timers: Timers;
  readonly bodies: Bodies;
  readonly committer: Committer;
  readonly ticker: Ticker;
  readonly resting: Resting;
  readonly singles: SingleStarts;
  readonly environment: ActorEnvironment;
  stopping: boolean;
  /** No new calls and bodies; what is in hand goes on. */
  draining: boolean;
  nextEid(): Eid;
  /** The actor's code cannot go on. */
  faulted(actor: Actor): void;
  /** A write about this resident was refused for a reason that means its memory is not to be trusted. */
  lost(resident: Resident, verdict: CommitVerdict): void;
  lostActor(actor: Actor, verdict: CommitVerdict): void;
  /** The actor has mail. */
  ready(actor: Actor): void;
}
