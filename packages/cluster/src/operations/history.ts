import { DfnsError } from '@dfnsjs/actor-core';
import type { LoadedRun } from '@dfnsjs/actor-core/ports';
import { BOUNDS, decodeTurn, exportHistory, joinRows } from '@dfnsjs/actor-core/records';
import type { Operations } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';
import { eventsOf } from './events.ts';
import { chainOf, parseCursor, unknown } from './executions.ts';

export function historyOperations(context: OperationContext): Pick<Operations, 'history' | 'exportHistory'> {
  return {
    async history({ namespace, id, runId, limit, cursor, from: first }) {
      const loaded = await loadRun(context, { namespace, id, runId });
      const turns = joinRows(loaded.journal, loaded.snapshots).map(row => decodeTurn(row.seq, row.turn));
      const from = cursor === undefined ? (first ?? 1) - 1 : parseCursor(cursor);
      const to = from + Math.min(limit, BOUNDS.listPage);
      const events = eventsOf(loaded.run, turns);
      return {
        runId: loaded.run.runId,
        items: events.slice(from, to),
        ...(to < events.length ? { cursor: String(to) } : {}),
      };
    },

    async exportHistory(request) {
      const { run, journal, snapshots } = await loadRun(context, request);
      return exportHistory(run, joinRows(journal, snapshots));
    },
  };
}

/** The named run of an execution, or its newest. NOT_FOUND where there is none. */
async function loadRun(
  context: OperationContext,
  { namespace, id, runId }: { readonly namespace: string; readonly id: string; readonly runId?: string | undefined },
): Promise<LoadedRun> {
  const { store } = context;
  const current = await store.current(namespace, id);
  if (!current) throw unknown(namespace, id);
  const run =
    runId === undefined || runId === current.runId
      ? current
      : (await chainOf(context, current)).find(each => each.runId === runId);
  const loaded = run && (await store.load([run.eid]))[0];
  if (!loaded) throw new DfnsError('NOT_FOUND', `The execution "${id}" has no run "${runId}".`);
  return loaded;
}
