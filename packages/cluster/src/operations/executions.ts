import { DfnsError, type AttributeType } from '@dfnsjs/actor-core';
import {
  BOUNDS,
  encode,
  mergeAttributes,
  parseInstant,
  readAttributeChanges,
  STATUSES,
  type Attributes,
  type ExecutionFilter as StoreFilter,
  type RunRow,
} from '@dfnsjs/actor-core/records';
import type { ExecutionFilter, Operations } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';
import { describe, listed } from './describe.ts';
import { hashOfStart } from './idempotency.ts';

/** Counting stops here: a number that nobody reads to the last digit is not worth reading every row. */
const COUNT_CAP = 100_000;
/** How soon a result is asked for again that nobody could give. */
const RESULT_RETRY_MS = 50;
/** An earlier run of a chain is not an execution of its own. */
const LISTED = STATUSES.filter(status => status !== 'continued-as-new');

type ExecutionOperations = Pick<Operations, 'start' | 'describe' | 'list' | 'count' | 'result' | 'turn'>;

export function executionOperations(context: OperationContext): ExecutionOperations {
  const { router, store, door, workflows, chance, persistence } = context;
  return {
    async start(request) {
      const { namespace, version, idempotencyKey } = request;
      const workflow =
        version === undefined ? workflows.latest(request.workflow) : workflows.get(request.workflow, version);
      const id = request.id ?? chance.uuid();
      const started = await router.to(namespace, id).start({
        namespace,
        id,
        workflow: request.workflow,
        version,
        // An unknown workflow is the engine's to refuse: it knows which there are.
        input: workflow ? await door.input(workflow, request.input) : request.input,
        attributes: request.attributes ? startAttributes(workflow, request.attributes) : null,
        headers: request.headers ?? null,
        onConflict: request.onConflict,
        reuse: request.reuse,
        idempotency: idempotencyKey === undefined ? null : { key: idempotencyKey, hash: hashOfStart(request) },
        startedBy: null,
      });
      const { runId, existing } = started;
      return { id: started.id, runId, workflow: started.workflow, version: started.version, existing };
    },

    async describe({ namespace, id }) {
      const row = await store.current(namespace, id);
      if (!row) throw unknown(namespace, id);
      // Its row says what it waits on as of its last rest; memory says what it does now.
      const takesTurns = row.status === 'running' && !row.held;
      const glimpse = takesTurns ? await router.to(namespace, id).glimpseCommitted(namespace, id) : undefined;
      const run = takesTurns ? ((await store.current(namespace, id)) ?? row) : row;
      return describe(run, await chainOf(context, run), glimpse, context.node);
    },

    async list({ order, limit, cursor, ...filter }) {
      const runs = await store.list({
        filter: storeFilter(filter),
        order,
        limit: Math.min(limit, BOUNDS.listPage),
        ...(cursor === undefined ? {} : { after: parseCursor(cursor) }),
      });
      const last = runs.length === Math.min(limit, BOUNDS.listPage) ? runs.at(-1) : undefined;
      return { items: runs.map(listed), ...(last ? { cursor: String(last.eid) } : {}) };
    },

    async count(filter) {
      const { count, byStatus, byWorkflow, capped } = await store.count(storeFilter(filter), COUNT_CAP);
      return { count, byStatus: Object.fromEntries(byStatus), byWorkflow: Object.fromEntries(byWorkflow), capped };
    },

    async result({ namespace, id }, options) {
      for (;;) {
        try {
          const { status, output } = await router.to(namespace, id).result(namespace, id, options?.abortSignal);
          return { status, output: output ?? encode(undefined) };
        } catch (error) {
          // Whoever waits for an end goes on waiting while the shard changes hands or is read anew.
          if (!isUnavailable(error) || persistence.stopped) throw error;
          await persistence.wait(RESULT_RETRY_MS);
          if (persistence.stopped) throw error;
          options?.abortSignal?.throwIfAborted();
        }
      }
    },

    turn({ namespace, id, after }, options) {
      return router.to(namespace, id).turn(namespace, id, after, options?.abortSignal);
    },
  };
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DfnsError && error.code === 'UNAVAILABLE';
}

/** All runs of an execution, oldest first. */
export async function chainOf({ store }: OperationContext, run: RunRow): Promise<readonly RunRow[]> {
  return run.first === run.eid ? [run] : store.chain(run.first);
}

export function unknown(namespace: string, id: string): DfnsError {
  return new DfnsError('NOT_FOUND', `There is no execution "${id}" in namespace "${namespace}".`, {
    details: { namespace, id },
  });
}

export function parseCursor(cursor: string): number {
  const at = Number(cursor);
  if (Number.isSafeInteger(at) && at >= 0) return at;
  throw new DfnsError('VALIDATION', 'That is no cursor of an earlier page.');
}

function startAttributes(
  workflow: Parameters<OperationContext['door']['input']>[0] | undefined,
  attributes: Readonly<Record<string, unknown>>,
): Attributes {
  return mergeAttributes(
    undefined,
    readAttributeChanges(workflow?.attributes, withDates(workflow, attributes), 'start'),
  );
}

/** JSON has no dates: where one is declared, an ISO string is one. */
function withDates(
  workflow: { readonly attributes?: ReadonlyMap<string, AttributeType> | undefined } | undefined,
  attributes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const dates = Object.entries(attributes).filter(
    ([name, value]) => typeof value === 'string' && workflow?.attributes?.get(name) === 'date',
  );
  if (dates.length === 0) return attributes;
  const read = dates.map(([name, value]) => [name, new Date(parseInstant(value, `Attribute "${name}" of start`))]);
  return { ...attributes, ...(Object.fromEntries(read) as Record<string, Date>) };
}

function storeFilter(filter: ExecutionFilter): StoreFilter {
  const { attributes, workflow, held, idPrefix, startedAfter, startedBefore } = filter;
  return {
    namespace: filter.namespace,
    status: filter.status ?? LISTED,
    ...(workflow === undefined ? {} : { workflow }),
    ...(held === undefined ? {} : { held }),
    ...(attributes === undefined ? {} : { attributes: new Map(Object.entries(attributes)) }),
    ...(idPrefix === undefined ? {} : { idPrefix }),
    ...(startedAfter === undefined ? {} : { startedAfter }),
    ...(startedBefore === undefined ? {} : { startedBefore }),
  };
}
