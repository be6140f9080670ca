import type { Eid, Incarnation, ShardId } from '../ids/ids.ts';
import type { Millis } from '../time/duration.ts';

/**
 * Shows whose code runs right now to whoever looks on from outside the event loop, which that code may hold up for
 * ever. Entered some times a turn: an implementation must cost next to nothing and never throw.
 */
export interface Stage {
  /** Workflow code of the run takes a message; `command`: the one that the message settles, else 0. */
  enterTurn(eid: Eid, command: number): void;
  /** Its first turn: the run is not stored yet, and known by its id alone. */
  enterStart(eid: Eid, namespace: string, id: string): void;
  /** The body of a command begins; only what it does before its first await is seen. */
  enterBody(eid: Eid, command: number): void;
  leave(): void;
}

/** Which runs' code took earlier nodes of this store down, as far as that is known. Deaths are named by their times. */
export interface Deaths {
  of(eid: Eid): readonly Millis[];
  /** Of executions of that id that were never stored, under this build. */
  ofStart(namespace: string, id: string): readonly Millis[];
  /** It is known whose code took the node down that owned the shard before, or that nobody's did. */
  lastIsNamed(shard: ShardId): boolean;
  /** The node that owned the shard before and did not give it up; undefined where its end is the process's own. */
  lastOwner(shard: ShardId): Incarnation | undefined;
  /** The process of that node lives on: its lease was over, and it has joined again as another. */
  livedOn(incarnation: Incarnation): boolean;
}
