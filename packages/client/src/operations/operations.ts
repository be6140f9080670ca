import type { HistoryFile, Payload } from '@dfnsjs/actor-core/values';
import type { EndRequest, RetryReply, RetryRequest, SetAttributesRequest } from './actions.ts';
import type { ExecutionAddress } from './address.ts';
import type { StartBatchReply, StartBatchRequest } from './batch.ts';
import type { ClusterNodeReply, ClusterReply, NodeAddress } from './cluster.ts';
import type { DefinitionsReply, InfoReply, NodeRequest } from './definitions.ts';
import type { EventItem, EventsRequest } from './events.ts';
import type {
  CountReply,
  ExecutionDescription,
  ExecutionFilter,
  ListReply,
  ListRequest,
  ResultReply,
  StartReply,
  StartRequest,
  TurnReply,
  TurnRequest,
} from './executions.ts';
import type { ExportHistoryRequest, HistoryReply, HistoryRequest } from './history.ts';
import type { SignalWithStartRequest, UpdateWithStartReply, UpdateWithStartRequest } from './message-starts.ts';
import type {
  QueryRequest,
  SignalRequest,
  StartUpdateReply,
  TakenReply,
  UpdateOutcomeRequest,
  UpdateRequest,
} from './messages.ts';
import type { CompleteTaskRequest, FailTaskRequest, RetryTaskRequest } from './tasks.ts';
import type { StateReply, StateRequest, TimelineReply, TimelineRequest } from './timeline.ts';

/** Ends the wait, not what was asked for. */
export interface WaitOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/**
 * All that can be asked of dfns. Values cross as payloads. Rejections are DfnsErrors whose codes speak of the request:
 * the result of a failed execution is an answer. `options` may end the wait for any answer; in process only those that
 * can take long look at it.
 */
export interface Operations {
  start(request: StartRequest, options?: WaitOptions): Promise<StartReply>;
  /** Starts many executions; each stands or falls by itself. */
  startBatch(request: StartBatchRequest, options?: WaitOptions): Promise<StartBatchReply>;
  describe(request: ExecutionAddress, options?: WaitOptions): Promise<ExecutionDescription>;
  list(request: ListRequest, options?: WaitOptions): Promise<ListReply>;
  count(request: ExecutionFilter, options?: WaitOptions): Promise<CountReply>;
  /** Resolves when the execution has ended. */
  result(request: ExecutionAddress, options?: WaitOptions): Promise<ResultReply>;
  /** The last turn, once it is another than `after`; undefined where no further one will come. NOT_FOUND as `describe`. */
  turn(request: TurnRequest, options?: WaitOptions): Promise<TurnReply | undefined>;

  /** Resolves when the signal is durable. */
  signal(request: SignalRequest, options?: WaitOptions): Promise<TakenReply>;
  query(request: QueryRequest, options?: WaitOptions): Promise<Payload>;
  /** Resolves with what the update's handler returned. */
  update(request: UpdateRequest, options?: WaitOptions): Promise<Payload>;
  /** Resolves when the update has passed its validator and is durable. */
  startUpdate(request: UpdateRequest, options?: WaitOptions): Promise<StartUpdateReply>;
  /**
   * What the handler of an accepted update returned; waits while it runs. Kept for 24 h, over the end of the execution.
   * Rejects as `update` does, and with NOT_FOUND where no update of this id was accepted.
   */
  updateOutcome(request: UpdateOutcomeRequest, options?: WaitOptions): Promise<Payload>;

  signalWithStart(request: SignalWithStartRequest, options?: WaitOptions): Promise<StartReply>;
  updateWithStart(request: UpdateWithStartRequest, options?: WaitOptions): Promise<UpdateWithStartReply>;

  cancel(request: EndRequest, options?: WaitOptions): Promise<TakenReply>;
  terminate(request: EndRequest, options?: WaitOptions): Promise<void>;
  /**
   * Lets a held execution go on; gives one that failed, timed out or was terminated another run, which keeps what was
   * done before the failure. NOT_RETRYABLE for any other.
   */
  retry(request: RetryRequest, options?: WaitOptions): Promise<RetryReply>;

  setAttributes(request: SetAttributesRequest, options?: WaitOptions): Promise<TakenReply>;
  /** Deletes an execution that has ended, with all its runs: its id is free. ALREADY_RUNNING where it has not. */
  delete(request: ExecutionAddress, options?: WaitOptions): Promise<void>;

  /** Begins the next attempt of a pending task at once. NOT_RETRYABLE while an attempt is in hand. */
  retryTaskNow(request: RetryTaskRequest, options?: WaitOptions): Promise<void>;
  /** Gives a pending task its result: a body that runs is aborted. Parsed by the task's output schema. */
  completeTask(request: CompleteTaskRequest, options?: WaitOptions): Promise<void>;
  /** Fails a pending task for good. */
  failTask(request: FailTaskRequest, options?: WaitOptions): Promise<void>;

  history(request: HistoryRequest, options?: WaitOptions): Promise<HistoryReply>;
  /** The history of one run as a file. */
  exportHistory(request: ExportHistoryRequest, options?: WaitOptions): Promise<HistoryFile>;
  timeline(request: TimelineRequest, options?: WaitOptions): Promise<TimelineReply>;
  /** VALIDATION for a turn that the run does not have. */
  state(request: StateRequest, options?: WaitOptions): Promise<StateReply>;

  /**
   * Changes of executions from now on, or from `lastEventId` on, each once it is durable; those of one execution in their
   * order. Ends by `options.abortSignal`, whose reason it throws, and with UNAVAILABLE where the node stops. OVERLOADED
   * where too many listen, VALIDATION for a cursor of another request.
   */
  events(request: EventsRequest, options?: WaitOptions): AsyncIterable<EventItem>;

  /** The workflows and tasks that the node runs. */
  definitions(request: NodeRequest, options?: WaitOptions): Promise<DefinitionsReply>;
  /** The node that answers. */
  info(request: NodeRequest, options?: WaitOptions): Promise<InfoReply>;

  /** The nodes that share the store, and how its shards are spread. UNAVAILABLE while the store does not answer. */
  cluster(request: NodeRequest, options?: WaitOptions): Promise<ClusterReply>;
  /**
   * The node keeps its shards and takes no more. Answers the node once that is durable; it holds until the node's process
   * ends. NOT_FOUND for a node that is not there, VALIDATION where the store is one node's alone.
   */
  cordonNode(request: NodeAddress, options?: WaitOptions): Promise<ClusterNodeReply>;
  /** As `cordonNode`: the node gives all its shards up, and goes on answering for the executions of others. */
  drainNode(request: NodeAddress, options?: WaitOptions): Promise<ClusterNodeReply>;
  /** As `cordonNode`: takes both back. */
  uncordonNode(request: NodeAddress, options?: WaitOptions): Promise<ClusterNodeReply>;
}
