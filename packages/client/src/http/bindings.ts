import type { Operations } from '../operations/operations.ts';
import { asResult, outcome, pageOfExecutions, turnOrNull, type AnswerForm } from './answer-forms.ts';
import { PLAIN, type DocumentShape } from './document.ts';
import * as shapes from './shapes.ts';

/** What a key must be allowed. */
export type Permission = 'read' | 'payloads' | 'query' | 'start' | 'signal' | 'operate' | 'nodes' | 'admin' | 'metrics';

/**
 * How HTTP carries an operation. Fields of its request that the path does not name are in the query of a GET or DELETE
 * and in the body of others; `namespace`, `messageId`, `idempotencyKey`, `lastEventId` and `traceparent` are headers.
 */
export interface Binding {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Segments with a colon are fields of the request. */
  readonly path: string;
  /** undefined: any key may. */
  readonly permission: Permission | undefined;
  readonly summary: string;
  /** Of an answer that is none of the others. */
  readonly status: 200 | 201 | 202;
  /** What the operation is asked. Absent: all of it is plain. */
  readonly takes?: DocumentShape | undefined;
  /** What its answer shows. Absent: it answers nothing. */
  readonly gives?: DocumentShape | undefined;
  /** A route of another operation, for requests whose query says this. */
  readonly variant?: { readonly of: string; readonly query: string; readonly value: string } | undefined;
  /** The field of the request that is the whole body. */
  readonly body?: string | undefined;
  /** Fields that stand in the query although there is a body. */
  readonly query?: readonly string[] | undefined;
  /** Values of fields that were not given. */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
  /**
   * The operation waits for something that may never come: `?wait=` bounds that, and an answer without an outcome is
   * 202. `asked`: only if the caller says how long. `briefly`: as long as it takes to find what is there, unless the
   * caller says how long.
   */
  readonly waits?: 'asked' | 'briefly' | 'always' | undefined;
  /** The answer is server-sent events that show replies: a route and a client of its own. */
  readonly streams?: true | undefined;
  /** How an answer shows the reply where it is not the reply. */
  readonly answer?: AnswerForm | undefined;
}

const AT = '/v1/executions/:id';

/** Each operation once: routes, the client over fetch and OpenAPI follow from here. */
export const BINDINGS = {
  start: {
    method: 'POST',
    path: '/v1/executions',
    permission: 'start',
    summary: 'Starts an execution; with ?wait=10s waits for its result too.',
    status: 201,
    takes: shapes.start,
    gives: PLAIN,
    defaults: { onConflict: 'fail', reuse: 'always' },
  },
  list: {
    method: 'GET',
    path: '/v1/executions',
    permission: 'read',
    summary:
      'A page of executions, by start; ?q=status:failed,held started>-24h and other terms. Where partial is true, so many ' +
      'were looked at and no more: the next page goes on from there.',
    status: 200,
    takes: shapes.filter,
    gives: shapes.page,
    answer: pageOfExecutions,
    defaults: { order: 'newest', limit: 100 },
  },
  count: {
    method: 'GET',
    path: '/v1/executions/count',
    permission: 'read',
    summary: 'How many executions there are, by status and workflow.',
    status: 200,
    takes: shapes.filter,
    gives: PLAIN,
  },
  describe: {
    method: 'GET',
    path: AT,
    permission: 'read',
    summary: 'All that is known of an execution.',
    status: 200,
    gives: shapes.description,
  },
  result: {
    method: 'GET',
    path: `${AT}/result`,
    permission: 'read',
    summary:
      'What an execution came to: { status, result } or { status, error }; 202 while it is running, with why it is held, if ' +
      'it is. Without ?wait= it is answered at once.',
    status: 200,
    gives: shapes.outcome,
    answer: outcome,
    waits: 'asked',
  },
  turn: {
    method: 'GET',
    path: `${AT}/turn`,
    permission: 'read',
    summary: 'The last turn, once it is another than ?after.runId=&after.turn=; null where no further one will come.',
    status: 200,
    gives: PLAIN,
    answer: turnOrNull,
    waits: 'always',
  },
  history: {
    method: 'GET',
    path: `${AT}/history`,
    permission: 'read',
    summary: 'A page of the events of a run. Payloads are references, unless ?payloads=inline asks for small ones.',
    status: 200,
    gives: shapes.history,
    defaults: { limit: 100 },
  },
  signal: {
    method: 'POST',
    path: `${AT}/signals/:name`,
    permission: 'signal',
    summary: 'Sends a signal; answered once it is durable. The body is its payload.',
    status: 202,
    takes: shapes.message,
    gives: PLAIN,
    body: 'payload',
  },
  query: {
    method: 'POST',
    path: `${AT}/queries/:name`,
    permission: 'query',
    summary: 'Asks a query of committed state; ?atTurn=12 as it was after that turn. The body is its input.',
    status: 200,
    takes: shapes.message,
    gives: shapes.withResult,
    answer: asResult,
    body: 'payload',
    query: ['atTurn'],
  },
  update: {
    method: 'POST',
    path: `${AT}/updates/:name`,
    permission: 'signal',
    summary:
      'Sends an update and waits for what its handler returns. 202 { updateId } if that takes longer than ?wait= (55s): ' +
      'the same request with the same Idempotency-Key goes on waiting. The body is its input.',
    status: 200,
    takes: shapes.message,
    gives: shapes.withResult,
    answer: asResult,
    body: 'payload',
    waits: 'always',
  },
  startUpdate: {
    method: 'POST',
    path: `${AT}/updates/:name`,
    permission: 'signal',
    summary: 'Sends an update; answered once its validator has let it pass and it is durable.',
    status: 202,
    takes: shapes.message,
    gives: PLAIN,
    body: 'payload',
    variant: { of: 'update', query: 'wait', value: 'accepted' },
  },
  updateOutcome: {
    method: 'GET',
    path: `${AT}/updates/:updateId`,
    permission: 'query',
    summary:
      'What the handler of an accepted update returned; 202 while it runs. Without ?wait= that is answered within a second.',
    status: 200,
    gives: shapes.withResult,
    answer: asResult,
    waits: 'briefly',
  },
  signalWithStart: {
    method: 'POST',
    path: '/v1/signal-with-start',
    permission: 'start',
    summary: 'Sends a signal to an execution, which is started if there is none.',
    status: 201,
    takes: shapes.signalWithStart,
    gives: PLAIN,
    defaults: { onConflict: 'use-existing', reuse: 'always' },
  },
  updateWithStart: {
    method: 'POST',
    path: '/v1/update-with-start',
    permission: 'start',
    summary:
      'Sends an update to an execution, which is started if there is none, and waits for what its handler returns. ' +
      '202 { updateId } with ?wait=accepted, or if that takes longer than ?wait= (55s).',
    status: 201,
    takes: shapes.updateWithStart,
    gives: shapes.startedWithUpdate,
    query: ['wait'],
    defaults: { onConflict: 'use-existing', reuse: 'always', wait: 'answered' },
    waits: 'always',
  },
  cancel: {
    method: 'POST',
    path: `${AT}/cancel`,
    permission: 'operate',
    summary: 'Asks an execution to end; answered once that is durable.',
    status: 202,
    gives: PLAIN,
  },
  terminate: {
    method: 'POST',
    path: `${AT}/terminate`,
    permission: 'operate',
    summary: 'Ends an execution; none of its code runs.',
    status: 202,
  },
  retry: {
    method: 'POST',
    path: `${AT}/retry`,
    permission: 'operate',
    summary: 'Lets a held execution go on; gives one that failed another run, from its failure or from the start.',
    status: 200,
    gives: PLAIN,
  },
  setAttributes: {
    method: 'PATCH',
    path: AT,
    permission: 'operate',
    summary: 'Merges attributes in; null removes one.',
    status: 202,
    gives: PLAIN,
  },
  retryTaskNow: {
    method: 'POST',
    path: `${AT}/tasks/:command/retry-now`,
    permission: 'operate',
    summary: 'Begins the next attempt of a pending task at once.',
    status: 202,
  },
  completeTask: {
    method: 'POST',
    path: `${AT}/tasks/:command/complete`,
    permission: 'operate',
    summary: 'Gives a pending task its result: the body.',
    status: 202,
    takes: shapes.withResult,
    body: 'result',
  },
  failTask: {
    method: 'POST',
    path: `${AT}/tasks/:command/fail`,
    permission: 'operate',
    summary: 'Fails a pending task for good: the body is { message, name?, details? }.',
    status: 202,
    body: 'error',
  },
  exportHistory: {
    method: 'GET',
    path: `${AT}/history`,
    permission: 'payloads',
    summary: 'The history of one run as a file, for replay.',
    status: 200,
    gives: PLAIN,
    variant: { of: 'history', query: 'format', value: 'export' },
  },
  timeline: {
    method: 'GET',
    path: `${AT}/timeline`,
    permission: 'read',
    summary: 'A run as spans: tasks with their attempts, timers, waits, messages.',
    status: 200,
    gives: shapes.timeline,
  },
  state: {
    method: 'GET',
    path: `${AT}/state`,
    permission: 'read',
    summary: 'What the journal says of a run, ?atTurn=12 as it was after that turn. No code is run for it.',
    status: 200,
    gives: shapes.state,
  },
  delete: {
    method: 'DELETE',
    path: AT,
    permission: 'operate',
    summary: 'Deletes an execution that has ended, with all its runs: its id is free.',
    status: 200,
  },
  events: {
    method: 'GET',
    path: '/v1/events',
    permission: 'read',
    summary:
      'Server-sent events: what changes from now on, or since Last-Event-ID. A reset event says that something may ' +
      'be missing: read lists again.',
    status: 200,
    takes: shapes.filter,
    gives: shapes.change,
    streams: true,
  },
  definitions: {
    method: 'GET',
    path: '/v1/definitions',
    permission: 'read',
    summary: 'The workflows and tasks of the node, with JSON Schemas where their schemas tell them.',
    status: 200,
    gives: PLAIN,
  },
  info: {
    method: 'GET',
    path: '/v1/info',
    permission: undefined,
    summary: 'The node that answers, and what it stands on.',
    status: 200,
    gives: shapes.info,
  },
  cluster: {
    method: 'GET',
    path: '/v1/cluster',
    permission: 'read',
    summary: 'The nodes that share the store, and how its shards are spread.',
    status: 200,
    gives: PLAIN,
  },
  cordonNode: {
    method: 'POST',
    path: '/v1/cluster/nodes/:id/cordon',
    permission: 'nodes',
    summary: 'A node, by id or address, keeps its shards and takes no more, until its process ends.',
    status: 200,
    gives: PLAIN,
  },
  drainNode: {
    method: 'POST',
    path: '/v1/cluster/nodes/:id/drain',
    permission: 'nodes',
    summary: 'A node gives all its shards to the others, until its process ends; it goes on answering.',
    status: 200,
    gives: PLAIN,
  },
  uncordonNode: {
    method: 'POST',
    path: '/v1/cluster/nodes/:id/uncordon',
    permission: 'nodes',
    summary: 'A node that was cordoned or drained takes shards again.',
    status: 200,
    gives: PLAIN,
  },
} as const satisfies Record<Exclude<keyof Operations, NotBound>, Binding>;

/** Many starts are lines, not JSON: see `http/batch`. */
type NotBound = 'startBatch';

export type OperationName = keyof typeof BINDINGS;

/** Longest wait of one request, milliseconds. */
export const MAX_WAIT_MS = 55_000;
/** Time to find what is there, milliseconds: other nodes and the store may be asked for it. */
export const BRIEF_WAIT_MS = 1_000;

/** Names of the fields in the path. */
export function pathFields({ path }: Binding): readonly string[] {
  return [...path.matchAll(/:(\w+)/g)].map(match => match[1]!);
}

/** Whether a field that stands in no path and no header is in the query, and not in the body. */
export function standsInQuery({ method, query }: Binding, field: string): boolean {
  return method === 'GET' || method === 'DELETE' || (query?.includes(field) ?? false);
}
