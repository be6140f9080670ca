import { DfnsError } from '@dfnsjs/actor-core';
import { BOUNDS, encode, STATUSES, type ExecutionFilter as StoreFilter, type RunRow } from '@dfnsjs/actor-core/records';
import { readFilterText, type ExecutionFilter, type Operations, type StartVerdict } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';
import { describe, listed } from './describe.ts';
import { whileUnavailable } from './patience.ts';
import { cursorOf, parsePlace } from './list-cursor.ts';
import { sift, siftCount } from './sift.ts';
import { started, startOf } from './start-request.ts';

/** Counting stops here: a number that nobody reads to the last digit is not worth reading every row. */
const COUNT_CAP = 100_000;
/** An earlier run of a chain is not an execution of its own. */
const LISTED = STATUSES.filter(status => status !== 'continued-as-new');

type ExecutionOperations = Pick<Operations, 'start' | 'startBatch' | 'describe' | 'list' | 'count' | 'result' | 'turn'>;

export function executionOperations(context: OperationContext): ExecutionOperations {
  const { router, store, persistence } = context;
  return {
    async start(request) {
      const { id, engine } = await startOf(context, request);
      return started(await router.to(request.namespace, id).start(engine));
    },

    async startBatch({ items }) {
      const verdicts = items.map(async (request): Promise<StartVerdict> => {
        try {
          const { id, engine } = await startOf(context, request);
          return { ok: true, started: started(await router.to(request.namespace, id).start(engine)) };
        } catch (error) {
          if (!(error instanceof DfnsError)) throw error;
          const { code, message, details } = error;
          return { ok: false, error: { code, message, ...(details ? { details: { ...details } } : {}) } };
        }
      });
      return { verdicts: await Promise.all(verdicts) };
    },

    async describe({ namespace, id }) {
      const row = await store.current(namespace, id);
      if (!row) throw unknown(namespace, id);
      // Its row says what it waits on as of its last rest; memory says what it does now.
      const takesTurns = row.status === 'running' && !row.held;
      const glimpse = takesTurns ? await router.to(namespace, id).glimpseCommitted(namespace, id) : undefined;
      const run = takesTurns ? ((await store.current(namespace, id)) ?? row) : row;
      return describe(run, await chainOf(context, run), glimpse, router.ownerOf(run.shard));
    },

    async list({ order, limit, cursor, ...filter }) {
      const { indexed, holds } = readFilterText(filter, context.now(), 'q');
      const page = {
        filter: storeFilter(indexed),
        order,
        limit: Math.min(limit, BOUNDS.listPage),
        ...(cursor === undefined ? {} : { after: parsePlace(cursor) }),
      };
      if (holds) return sift(store, page, holds);
      const runs = await store.list(page);
      const last = runs.length === page.limit ? runs.at(-1) : undefined;
      return { items: runs.map(listed), ...(last ? { cursor: cursorOf(last) } : {}) };
    },

    async count(given) {
      const { indexed: filter, holds } = readFilterText(given, context.now(), 'q');
      if (holds) return siftCount(store, storeFilter(filter), holds);
      const { count, byStatus, byWorkflow, capped } = await store.count(storeFilter(filter), COUNT_CAP);
      return { count, byStatus: Object.fromEntries(byStatus), byWorkflow: Object.fromEntries(byWorkflow), capped };
    },

    async result({ namespace, id }, options) {
      const { status, output } = await whileUnavailable(
        persistence,
        () => router.to(namespace, id).result(namespace, id, options?.abortSignal),
        options?.abortSignal,
      );
      return { status, output: output ?? encode(undefined) };
    },

    async turn({ namespace, id, after }, options) {
      const turn = await router.to(namespace, id).turn(namespace, id, after, options?.abortSignal);
      if (!turn && !(await store.current(namespace, id))) throw unknown(namespace, id);
      return turn;
    },
  };
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

export function storeFilter(filter: ExecutionFilter): StoreFilter {
  const { attributes, workflow, held, idPrefix, startedAfter, startedBefore } = filter;
  return {
    namespace: filter.namespace,
    status: filter.status ?? LISTED,
    newest: true,
    ...(workflow === undefined ? {} : { workflow }),
    ...(held === undefined ? {} : { held }),
    ...(attributes === undefined ? {} : { attributes: new Map(Object.entries(attributes)) }),
    ...(idPrefix === undefined ? {} : { idPrefix }),
    ...(startedAfter === undefined ? {} : { startedAfter }),
    ...(startedBefore === undefined ? {} : { startedBefore }),
  };
}
