import {
  DfnsError,
  type AnyWorkflowReference,
  type AttributesOf,
  type AttributeValues,
  type InputArgs,
  type StartOptions,
  type UpdatesOf,
} from '@dfnsjs/actor-core';
import { BOUNDS, decode, encode, parseName, parseStart, readOptions } from '@dfnsjs/actor-core/values';
import {
  CALL_OPTION_NAMES,
  parseCall,
  splitCall,
  withinCall,
  type CallOptions,
  type ParsedCall,
} from './call-options.ts';
import { readSummary, type Description, type ExecutionSummary } from './descriptions.ts';
import type { ClientEnvironment } from './environment.ts';
import { eventsOf, type Events, type EventsOptions } from './events.ts';
import { FILTER_NAMES, parseFilter, readFilter, type Filter } from './filter.ts';
import { handleOf } from './handle.ts';
import type { Given, Got, Handle, StartedHandle } from './handle-types.ts';
import { withMiddleware } from './middleware/index.ts';
import {
  readMessageStart,
  type SignalWithStartOptions,
  type UpdateWithStart,
  type UpdateWithStartOptions,
} from './message-start.ts';
import { readInfo, type Cluster, type ClusterMember, type Definitions, type NodeInfo } from './node-info.ts';
import type { StartReply, StartRequest } from './operations/executions.ts';
import { startAll, type StartItem, type StartOutcome } from './start-many.ts';
import { readPages } from './pages.ts';

type StartArgs<Workflow> = InputArgs<
  Given<Workflow>,
  StartOptions<AttributeValues<AttributesOf<Workflow>>> & CallOptions
>;

/** What `list` looks for, and in which order it gives it. */
export interface ListOptions extends Filter, CallOptions {
  /** By start. Default 'newest' first. */
  readonly order?: 'newest' | 'oldest' | undefined;
}

/** How many executions a filter finds, by status and by workflow. */
export interface Count {
  readonly count: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byWorkflow: Readonly<Record<string, number>>;
  /** There are more: counting stopped. */
  readonly capped: boolean;
  /** A filter was looked for in so many executions, and no more. */
  readonly partial?: boolean | undefined;
}

/**
 * Starts executions and talks to them. A workflow is given by its definition or, imported as a type alone, by its name:
 * `client.start<typeof order>('order', input)`.
 */
export interface Client {
  /**
   * Starts an execution; resolves once it is durable. The input is parsed where the workflow is registered.
   * Rejects with VALIDATION, UNKNOWN_WORKFLOW, ALREADY_RUNNING or ALREADY_EXISTS.
   */
  start<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    ...args: StartArgs<Workflow>
  ): Promise<StartedHandle<Workflow>>;
  /**
   * Starts an execution for each item, in groups, and tells what became of each in their order: one that is refused
   * harms no other. Nothing starts before the first is asked for; the source is read no faster than starts are durable.
   *
   * ```ts
   * for await (const { handle, error } of client.startMany(order, orders.map(input => ({ input, id: input.id })))) …
   * ```
   */
  startMany<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    items: Iterable<StartItem<Workflow>> | AsyncIterable<StartItem<Workflow>>,
    options?: CallOptions,
  ): AsyncIterable<StartOutcome<Workflow>>;
  /** Starts an execution and waits for its result. */
  execute<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    ...args: StartArgs<Workflow>
  ): Promise<Got<Workflow>>;
  /**
   * Signals the execution with this id, starting it if it does not run: a new one takes both in one turn. With an
   * `idempotencyKey` the same call again changes nothing.
   */
  signalWithStart<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    input: Given<Workflow>,
    options: SignalWithStartOptions<Workflow>,
  ): Promise<StartedHandle<Workflow>>;
  /**
   * As `signalWithStart`, with an update; resolves when that is answered, long before the execution ends it may be.
   * Rejects as `start` and `update` do; an execution whose validator refused the update stays started.
   */
  updateWithStart<
    Workflow extends AnyWorkflowReference,
    Update extends UpdatesOf<Workflow> | UpdatesOf<Workflow>['name'] = UpdatesOf<Workflow>,
  >(
    workflow: Workflow | string,
    input: Given<Workflow>,
    options: UpdateWithStartOptions<Workflow, Update>,
  ): Promise<UpdateWithStart<Workflow, Update>>;
  /** The handle of an execution, whether there is one or not. */
  get<Workflow extends AnyWorkflowReference>(workflow: Workflow, id: string): Handle<Workflow>;
  get<Workflow extends AnyWorkflowReference = AnyWorkflowReference>(id: string): Handle<Workflow>;
  list(options?: ListOptions): AsyncIterable<ExecutionSummary>;
  count(filter?: Filter, options?: CallOptions): Promise<Count>;
  /** All that is known of an execution. NOT_FOUND if there is none. */
  describe(id: string, options?: CallOptions): Promise<Description>;
  /** The workflows and tasks of the node, with the JSON Schemas that their schemas tell. */
  definitions(options?: CallOptions): Promise<Definitions>;
  /** The node that answers, and what it stands on. */
  info(options?: CallOptions): Promise<NodeInfo>;
  /** The nodes that share the store, and how its shards are spread. UNAVAILABLE while the store does not answer. */
  cluster(options?: CallOptions): Promise<Cluster>;
  /**
   * A node, by id or address, keeps the shards it has and takes no more, until its process ends. Resolves when that is
   * durable. NOT_FOUND for one that is not there, VALIDATION where the store is one node's alone.
   */
  cordonNode(id: string, options?: CallOptions): Promise<ClusterMember>;
  /** As `cordonNode`: it gives all its shards to the others, and goes on answering for every execution. */
  drainNode(id: string, options?: CallOptions): Promise<ClusterMember>;
  /** As `cordonNode`: one that was cordoned or drained takes shards again. */
  uncordonNode(id: string, options?: CallOptions): Promise<ClusterMember>;
  /**
   * Changes of executions from now on, each once it is durable; those of one execution in their order. Over HTTP it goes
   * on by itself after a cut. A `reset` says that something may be missing. Ends with the iteration; throws the reason
   * of the abort, TimeoutError, UNAVAILABLE where no node answers any more, OVERLOADED where too many listen.
   *
   * ```ts
   * for await (const event of client.events({ workflow: order })) if (event.type === 'closed') …
   * ```
   */
  events(options?: EventsOptions): Events;
}

export function createClient(environment: ClientEnvironment): Client {
  return new OperationsClient(environment);
}

class OperationsClient implements Client {
  readonly #environment: ClientEnvironment;

  constructor(environment: ClientEnvironment) {
    const { operations, middleware = [] } = environment;
    this.#environment = { ...environment, operations: withMiddleware(operations, middleware) };
  }

  async start<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    ...[input, options]: StartArgs<Workflow>
  ): Promise<StartedHandle<Workflow>> {
    const { call, rest } = splitCall(options, 'start');
    return this.#started(await this.#start(workflow, input, rest, call));
  }

  startMany<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    items: Iterable<StartItem<Workflow>> | AsyncIterable<StartItem<Workflow>>,
    options?: CallOptions,
  ): AsyncIterable<StartOutcome<Workflow>> {
    const call = parseCall(options, 'startMany');
    if (typeof items !== 'object' || items === null || !(Symbol.iterator in items || Symbol.asyncIterator in items)) {
      throw new DfnsError('VALIDATION', 'startMany takes an iterable of { input, ...options of a start }.');
    }
    return startAll(items, {
      request: item => {
        const { input, ...start } = item as { readonly input?: unknown };
        return this.#request(workflow, input, start);
      },
      send: request =>
        withinCall(this.#environment.clock, call, 'A group of startMany', () =>
          this.#environment.operations.startBatch(request),
        ),
      handle: reply => this.#started<Workflow>(reply),
    });
  }

  async execute<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    ...[input, options]: StartArgs<Workflow>
  ): Promise<Got<Workflow>> {
    const { call, rest } = splitCall(options, 'execute');
    const { id, runId } = await this.#start(workflow, input, rest, call);
    const { abortSignal, timeoutMs: timeout } = call;
    return handleOf<Workflow>(this.#environment, id, runId).result({ abortSignal, timeout });
  }

  get<Workflow extends AnyWorkflowReference>(
    ...args: [workflow: Workflow, id: string] | [id: string]
  ): Handle<Workflow> {
    return handleOf<Workflow>(this.#environment, args.length === 1 ? args[0] : args[1], undefined);
  }

  list(options?: ListOptions): AsyncIterable<ExecutionSummary> {
    const given = readOptions(options, 'list', [...FILTER_NAMES, 'order', ...CALL_OPTION_NAMES]);
    const { order = 'newest', abortSignal, timeout, ...parts } = given;
    if (order !== 'newest' && order !== 'oldest') {
      throw new DfnsError('VALIDATION', "order of list must be 'newest' or 'oldest'.");
    }
    const call = parseCall({ abortSignal, timeout }, 'list');
    const filter = readFilter(parts, this.#environment.namespace, 'list');
    return readPages(
      cursor =>
        withinCall(this.#environment.clock, call, 'A page of list', abortSignal =>
          this.#environment.operations.list({ ...filter, order, limit: BOUNDS.listPage, cursor }, { abortSignal }),
        ),
      readSummary,
    );
  }

  async count(filter?: Filter, options?: CallOptions): Promise<Count> {
    const parsed = parseFilter(filter, this.#environment.namespace, 'count');
    return withinCall(this.#environment.clock, parseCall(options, 'count'), 'count', abortSignal =>
      this.#environment.operations.count(parsed, { abortSignal }),
    );
  }

  describe(id: string, options?: CallOptions): Promise<Description> {
    return handleOf(this.#environment, id, undefined).describe(options);
  }

  async definitions(options?: CallOptions): Promise<Definitions> {
    const { clock, operations, namespace } = this.#environment;
    return withinCall(clock, parseCall(options, 'definitions'), 'definitions', abortSignal =>
      operations.definitions({ namespace }, { abortSignal }),
    );
  }

  async info(options?: CallOptions): Promise<NodeInfo> {
    const { clock, operations, namespace } = this.#environment;
    const info = await withinCall(clock, parseCall(options, 'info'), 'info', abortSignal =>
      operations.info({ namespace }, { abortSignal }),
    );
    return readInfo(info);
  }

  async cluster(options?: CallOptions): Promise<Cluster> {
    const { clock, operations, namespace } = this.#environment;
    return withinCall(clock, parseCall(options, 'cluster'), 'cluster', abortSignal =>
      operations.cluster({ namespace }, { abortSignal }),
    );
  }

  cordonNode(id: string, options?: CallOptions): Promise<ClusterMember> {
    return this.#setDuty('cordonNode', id, options);
  }

  drainNode(id: string, options?: CallOptions): Promise<ClusterMember> {
    return this.#setDuty('drainNode', id, options);
  }

  uncordonNode(id: string, options?: CallOptions): Promise<ClusterMember> {
    return this.#setDuty('uncordonNode', id, options);
  }

  events(options?: EventsOptions): Events {
    return eventsOf(this.#environment, options);
  }

  async signalWithStart<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    input: Given<Workflow>,
    options: SignalWithStartOptions<Workflow>,
  ): Promise<StartedHandle<Workflow>> {
    const { call, rest } = splitCall(options, 'signalWithStart');
    const { start, name, value } = readMessageStart(rest, 'signal', 'payload');
    const request = {
      ...this.#request(workflow, input, start),
      signal: { name, payload: encode(value, `The payload of signal "${name}"`) },
      messageId: this.#environment.chance.uuid(),
    };
    const reply = await withinCall(
      this.#environment.clock,
      call,
      `signalWithStart of "${request.workflow}"`,
      abortSignal => this.#environment.operations.signalWithStart(request, abortSignal && { abortSignal }),
    );
    return this.#started(reply);
  }

  async updateWithStart<
    Workflow extends AnyWorkflowReference,
    Update extends UpdatesOf<Workflow> | UpdatesOf<Workflow>['name'],
  >(
    workflow: Workflow | string,
    input: Given<Workflow>,
    options: UpdateWithStartOptions<Workflow, Update>,
  ): Promise<UpdateWithStart<Workflow, Update>> {
    const { call, rest } = splitCall(options, 'updateWithStart');
    const { start, name, value } = readMessageStart(rest, 'update', 'input');
    const request = {
      ...this.#request(workflow, input, start),
      update: { name, input: encode(value, `The input of update "${name}"`) },
      messageId: this.#environment.chance.uuid(),
      wait: 'answered' as const,
    };
    const reply = await withinCall(
      this.#environment.clock,
      call,
      `updateWithStart of "${request.workflow}"`,
      abortSignal => this.#environment.operations.updateWithStart(request, abortSignal && { abortSignal }),
    );
    return { handle: this.#started<Workflow>(reply), result: decode(reply.result ?? encode(undefined)) as never };
  }

  async #setDuty(
    name: 'cordonNode' | 'drainNode' | 'uncordonNode',
    id: string,
    options: CallOptions | undefined,
  ): Promise<ClusterMember> {
    const { clock, operations, namespace } = this.#environment;
    if (typeof id !== 'string' || id === '')
      throw new DfnsError('VALIDATION', `${name} takes the id or address of a node.`);
    return withinCall(clock, parseCall(options, name), name, abortSignal =>
      operations[name]({ namespace, id }, { abortSignal }),
    );
  }

  #started<Workflow extends AnyWorkflowReference>({ id, runId, existing }: StartReply): StartedHandle<Workflow> {
    return Object.assign(handleOf<Workflow>(this.#environment, id, runId), { runId, existing });
  }

  #start(
    workflow: AnyWorkflowReference | string,
    input: unknown,
    options: unknown,
    call: ParsedCall,
  ): Promise<StartReply> {
    const request = this.#request(workflow, input, options);
    return withinCall(this.#environment.clock, call, `The start of "${request.workflow}"`, abortSignal =>
      this.#environment.operations.start(request, abortSignal && { abortSignal }),
    );
  }

  #request(workflow: AnyWorkflowReference | string, input: unknown, options: unknown): StartRequest {
    const name = parseName(typeof workflow === 'string' ? workflow : workflow?.name, 'The name of a workflow');
    const start = parseStart(options, attributes => attributes as Readonly<Record<string, unknown>>);
    return {
      namespace: this.#environment.namespace,
      id: start.id,
      workflow: name,
      version: start.version,
      input: encode(input, `The input of workflow "${name}"`),
      onConflict: start.onConflict,
      reuse: start.reuse,
      attributes: start.attributes,
      headers: start.headers && new Map(start.headers),
      idempotencyKey: start.idempotencyKey,
    };
  }
}
