import '@dfnsjs/node/node-version';
import type { DfnsNode, NodeOptions } from '@dfnsjs/node';

export * from '@dfnsjs/actor-core';
export { connect, type ConnectOptions } from '@dfnsjs/client';
export type {
  AcceptedUpdate,
  CallOptions,
  ChangeEvent,
  Client,
  ClientCall,
  ClientMiddleware,
  Middleware,
  Count,
  Cluster,
  ClusterMember,
  Definitions,
  Description,
  Events,
  EventsOptions,
  EventsReset,
  ExecutionChange,
  ExecutionEvent,
  ExecutionState,
  ExecutionSummary,
  Fetch,
  Fetched,
  Filter,
  Handle,
  HistoryFile,
  HistoryOptions,
  ListOptions,
  NodeInfo,
  RetryOptions,
  SignalWithStartOptions,
  StartedHandle,
  StartItem,
  StartOutcome,
  StateOptions,
  Taken,
  TaskFailure,
  Timeline,
  TimelineAttempt,
  TimelineSpan,
  UpdateWithStart,
  UpdateWithStartOptions,
} from '@dfnsjs/client';
export type {
  ClusterOptions,
  Config,
  DfnsNode,
  HttpOptions,
  LogOption,
  MetricsOption,
  NodeOptions,
  Profile,
} from '@dfnsjs/node';

/**
 * Starts a node in this process. Resolves when it serves; executions that an earlier node left in hand go on by
 * themselves. VALIDATION for a wrong option, UNAVAILABLE where another process uses the store.
 *
 * ```ts
 * const node = await startNode({ workflows: [order], store: 'sqlite:./app.db', deps: { mailer } });
 * const receipt = await node.client.execute(order, input);
 * await node.stop();
 * ```
 */
export async function startNode(options: NodeOptions): Promise<DfnsNode> {
  // Files that only define workflows import this one too: they load no store.
  const node = await import('@dfnsjs/node');
  return node.startNode(options);
}
