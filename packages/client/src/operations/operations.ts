import type { Payload } from '@dfnsjs/actor-core/records';
import type { EndRequest, RetryRequest } from './actions.ts';
import type { ExecutionAddress } from './address.ts';
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
import type { HistoryReply, HistoryRequest } from './history.ts';
import type { QueryRequest, SignalRequest, UpdateRequest } from './messages.ts';

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
  describe(request: ExecutionAddress, options?: WaitOptions): Promise<ExecutionDescription>;
  list(request: ListRequest, options?: WaitOptions): Promise<ListReply>;
  count(request: ExecutionFilter, options?: WaitOptions): Promise<CountReply>;
  /** Resolves when the execution has ended. */
  result(request: ExecutionAddress, options?: WaitOptions): Promise<ResultReply>;
  /** The last turn, once it is another than `after`; undefined where no further one will come. */
  turn(request: TurnRequest, options?: WaitOptions): Promise<TurnReply | undefined>;

  /** Resolves when the signal is durable. */
  signal(request: SignalRequest, options?: WaitOptions): Promise<void>;
  query(request: QueryRequest, options?: WaitOptions): Promise<Payload>;
  /** Resolves with what the update's handler returned. */
  update(request: UpdateRequest, options?: WaitOptions): Promise<Payload>;

  cancel(request: EndRequest, options?: WaitOptions): Promise<void>;
  terminate(request: EndRequest, options?: WaitOptions): Promise<void>;
  /** Lets a held execution go on. */
  retry(request: RetryRequest, options?: WaitOptions): Promise<void>;

  history(request: HistoryRequest, options?: WaitOptions): Promise<HistoryReply>;
}
