import type { Engine } from '@dfnsjs/actor-core/engine';

/**
 * What can be asked of the node that owns an execution. Answers come from whoever serves the shard, else a
 * NotServedError: whoever asks looks again who the owner is.
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
}
