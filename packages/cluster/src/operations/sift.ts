import type { Store } from '@dfnsjs/actor-core/ports';
import { BOUNDS, type ExecutionFilter, type ListPage } from '@dfnsjs/actor-core/values';
import type { CountReply, ListedExecution, ListReply } from '@dfnsjs/client';
import { listed } from './describe.ts';
import { cursorOf } from './list-cursor.ts';

/** Executions that one request looks at for what the store has no index for. */
const BUDGET = 10_000;

type Holds = (execution: ListedExecution) => boolean;
type Listing = Pick<Store, 'list'>;

/**
 * A page of those that the store finds and of which `holds` is true. Where too many were looked at the page is `partial`:
 * it may even be empty, and its cursor goes on from there.
 */
export async function sift(store: Listing, page: ListPage, holds: Holds): Promise<ListReply> {
  const items: ListedExecution[] = [];
  for await (const { execution, run, isBeyond } of lookedAt(store, page)) {
    if (isBeyond) return { items, cursor: cursorOf(run), partial: true };
    if (!holds(execution)) continue;
    items.push(execution);
    if (items.length === page.limit) return { items, cursor: cursorOf(run) };
  }
  return { items };
}

/** `capped` and `partial` where there are more than are looked at. */
export async function siftCount(store: Listing, filter: ExecutionFilter, holds: Holds): Promise<CountReply> {
  const byStatus = new Map<string, number>();
  const byWorkflow = new Map<string, number>();
  let count = 0;
  const reply = () => ({ count, byStatus: Object.fromEntries(byStatus), byWorkflow: Object.fromEntries(byWorkflow) });
  for await (const { execution, isBeyond } of lookedAt(store, { filter, order: 'newest', limit: BOUNDS.listPage })) {
    if (isBeyond) return { ...reply(), capped: true, partial: true };
    if (!holds(execution)) continue;
    const { status, workflow } = execution;
    count++;
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    byWorkflow.set(workflow, (byWorkflow.get(workflow) ?? 0) + 1);
  }
  return { ...reply(), capped: false };
}

/** All that the store finds, page by page; `isBeyond` the last of the budget again, where there may be more. */
async function* lookedAt(store: Listing, page: ListPage) {
  let { after } = page;
  for (let looked = 0; ;) {
    const limit = Math.min(BOUNDS.listPage, BUDGET - looked);
    const runs = await store.list({ ...page, limit, ...(after === undefined ? {} : { after }) });
    for (const run of runs) yield { execution: listed(run), run, isBeyond: false };
    if (runs.length < limit) return;
    const last = runs.at(-1)!;
    after = last;
    looked += runs.length;
    if (looked >= BUDGET) yield { execution: listed(last), run: last, isBeyond: true };
  }
}
