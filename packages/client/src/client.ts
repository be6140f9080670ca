import {
  DfnsError,
  type AnyWorkflowReference,
  type AttributesOf,
  type AttributeValues,
  type InputArgs,
  type StartOptions,
} from '@dfnsjs/actor-core';
import { BOUNDS, encode, parseName, parseStart, readOptions } from '@dfnsjs/actor-core/records';
import {
  CALL_OPTION_NAMES,
  parseCall,
  splitCall,
  withinCall,
  type CallOptions,
  type ParsedCall,
} from './call-options.ts';
import { readSummary, type ExecutionSummary } from './descriptions.ts';
import type { ClientEnvironment } from './environment.ts';
import { FILTER_NAMES, parseFilter, readFilter, type Filter } from './filter.ts';
import { handleOf } from './handle.ts';
import type { Given, Got, Handle, StartedHandle } from './handle-types.ts';
import { withMiddleware } from './middleware.ts';
import type { StartReply } from './operations/executions.ts';
import { readPages } from './pages.ts';

type StartArgs<Workflow> = InputArgs<
  Given<Workflow>,
  StartOptions<AttributeValues<AttributesOf<Workflow>>> & CallOptions
>;

export interface ListOptions extends Filter, CallOptions {
  /** By start. Default 'newest' first. */
  readonly order?: 'newest' | 'oldest' | undefined;
}

export interface Count {
  readonly count: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byWorkflow: Readonly<Record<string, number>>;
  /** There are more: counting stopped. */
  readonly capped: boolean;
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
  /** Starts an execution and waits for its result. */
  execute<Workflow extends AnyWorkflowReference>(
    workflow: Workflow | string,
    ...args: StartArgs<Workflow>
  ): Promise<Got<Workflow>>;
  /** The handle of an execution, whether there is one or not. */
  get<Workflow extends AnyWorkflowReference>(workflow: Workflow, id: string): Handle<Workflow>;
  get<Workflow extends AnyWorkflowReference = AnyWorkflowReference>(id: string): Handle<Workflow>;
  list(options?: ListOptions): AsyncIterable<ExecutionSummary>;
  count(filter?: Filter, options?: CallOptions): Promise<Count>;
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
    const { id, runId, existing } = await this.#start(workflow, input, rest, call);
    const handle = handleOf<Workflow>(this.#environment, id, runId);
    return Object.assign(handle, { runId, existing });
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
        withinCall(this.#environment.clock, call, 'A page of list', () =>
          this.#environment.operations.list({ ...filter, order, limit: BOUNDS.listPage, cursor }),
        ),
      readSummary,
    );
  }

  async count(filter?: Filter, options?: CallOptions): Promise<Count> {
    const parsed = parseFilter(filter, this.#environment.namespace, 'count');
    return withinCall(this.#environment.clock, parseCall(options, 'count'), 'count', () =>
      this.#environment.operations.count(parsed),
    );
  }

  #start(
    workflow: AnyWorkflowReference | string,
    input: unknown,
    options: unknown,
    call: ParsedCall,
  ): Promise<StartReply> {
    const name = parseName(typeof workflow === 'string' ? workflow : workflow?.name, 'The name of a workflow');
    const start = parseStart(options, attributes => attributes as Readonly<Record<string, unknown>>);
    const request = {
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
    return withinCall(this.#environment.clock, call, `The start of "${name}"`, () =>
      this.#environment.operations.start(request),
    );
  }
}
