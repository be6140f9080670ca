import type { Engine } from '@dfnsjs/actor-core/engine';
import type { InboxRow } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';

/**
 * What one node asks of the node that owns an execution. Answers come from whoever serves the shard, else UNAVAILABLE:
 * whoever asks looks again who the owner is.
 */
export interface Peer extends Pick<
  Engine,
  | 'start'
  | 'signal'
  | 'update'
  | 'startUpdate'
  | 'updateOutcome'
  | 'signalWithStart'
  | 'updateWithStart'
  | 'query'
  | 'cancel'
  | 'terminate'
  | 'retry'
  | 'remove'
  | 'amend'
  | 'overrideTask'
  | 'result'
  | 'turn'
  | 'glimpseCommitted'
> {
  /** The definition that an execution runs on; undefined where there is no such execution. */
  workflowOf(
    namespace: string,
    id: string,
  ): Promise<{ readonly workflow: string; readonly version: number } | undefined>;
  /** Rows that became durable in inboxes of the peer's executions. They are there in any case; this makes it fast. */
  deliver(rows: readonly InboxRow[]): void;
}

/** How nodes reach each other. */
export interface Transport {
  /** From now on others reach this incarnation here. */
  serve(incarnation: Incarnation, peer: Peer): void;
  leave(incarnation: Incarnation): void;
  /** undefined: it cannot be reached. */
  peer(incarnation: Incarnation): Peer | undefined;
}
