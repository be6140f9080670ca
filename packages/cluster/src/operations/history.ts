import { DfnsError } from '@dfnsjs/actor-core';
import type { LoadedRun } from '@dfnsjs/actor-core/ports';
import { BOUNDS, decodeTurn, exportHistory, joinRows, type Turn } from '@dfnsjs/actor-core/records';
import type { Operations } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';
import { attributeRecord } from './describe.ts';
import { eventsOf } from './history-events.ts';
import { chainOf, parseCursor, unknown } from './executions.ts';
import { foldJournal } from './journal-fold.ts';

type HistoryOperations = Pick<Operations, 'history' | 'exportHistory' | 'timeline' | 'state'>;

export function historyOperations(context: OperationContext): HistoryOperations {
  return {
    async history({ namespace, id, runId, limit, cursor, from: first }) {
      const { run, turns } = await readRun(context, { namespace, id, runId });
      const from = cursor === undefined ? (first ?? 1) - 1 : parseCursor(cursor);
      const to = from + Math.min(limit, BOUNDS.listPage);
      const events = eventsOf(run, turns);
      return {
        runId: run.runId,
        items: events.slice(from, to),
        ...(to < events.length ? { cursor: String(to) } : {}),
      };
    },

    async exportHistory(request) {
      const { run, journal, snapshots } = await loadRun(context, request);
      return exportHistory(run, joinRows(journal, snapshots));
    },

    async timeline({ namespace, id, runId }) {
      const { run, turns } = await readRun(context, { namespace, id, runId });
      const { status, startedAt, closedAt } = run;
      const { spans } = foldJournal(run, turns);
      return {
        runId: run.runId,
        status,
        startedAt,
        ...(closedAt === null ? {} : { closedAt }),
        spans: [...spans],
      };
    },

    async state({ namespace, id, runId, atTurn }) {
      const { run, turns } = await readRun(context, { namespace, id, runId });
      const last = turns.at(-1)?.seq ?? 0;
      const turn = atTurn ?? last;
      if (!Number.isSafeInteger(turn) || turn < 0 || turn > last) {
        throw new DfnsError('VALIDATION', `There is no turn ${turn}: the run has turns 0 to ${last}.`, {
          details: { last },
        });
      }
      const folded = foldJournal(
        run,
        turns.filter(({ seq }) => seq <= turn),
      );
      const { details } = folded;
      return {
        runId: run.runId,
        turn,
        at: folded.at,
        status: folded.status,
        attributes: attributeRecord(folded.attributes),
        ...(details === null ? {} : { details }),
        open: folded.spans.filter(({ endedAt }) => endedAt === undefined),
      };
    },
  };
}

interface RunRequest {
  readonly namespace: string;
  readonly id: string;
  readonly runId?: string | undefined;
}

async function readRun(
  context: OperationContext,
  request: RunRequest,
): Promise<{ readonly run: LoadedRun['run']; readonly turns: readonly Turn[] }> {
  const { run, journal, snapshots } = await loadRun(context, request);
  return { run, turns: joinRows(journal, snapshots).map(row => decodeTurn(row.seq, row.turn)) };
}

/** The named run of an execution, or its newest. NOT_FOUND where there is none. */
async function loadRun(context: OperationContext, { namespace, id, runId }: RunRequest): Promise<LoadedRun> {
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
