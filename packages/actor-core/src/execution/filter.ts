import type { Eid } from '../ids/ids.ts';
import type { Millis } from '../time/duration.ts';
import type { Attributes, AttributeValue } from './attributes.ts';
import type { Status } from './status.ts';

/** Which executions a list or count is about. All parts must match. */
export interface ExecutionFilter {
  readonly namespace: string;
  readonly workflow?: string;
  readonly status?: readonly Status[];
  /** Without runs that another run of their execution followed. */
  readonly newest?: boolean;
  /** Only held ones, or only those that are not. */
  readonly held?: boolean;
  readonly attributes?: ReadonlyMap<string, AttributeValue>;
  readonly idPrefix?: string;
  readonly startedAfter?: Millis;
  readonly startedBefore?: Millis;
}

/** What of an execution a filter looks at. */
export interface Filtered {
  readonly namespace: string;
  readonly id: string;
  readonly workflow: string;
  readonly status: Status;
  readonly attributes: Attributes | null;
  readonly startedAt: Millis;
}

/** Whether all parts of a filter hold, but for `newest`, which one execution alone does not tell. */
export function matchesFilter(filter: ExecutionFilter, execution: Filtered, isHeld: boolean): boolean {
  return (
    execution.namespace === filter.namespace &&
    (filter.workflow === undefined || execution.workflow === filter.workflow) &&
    (filter.status === undefined || filter.status.includes(execution.status)) &&
    (filter.held === undefined || isHeld === filter.held) &&
    (filter.idPrefix === undefined || execution.id.startsWith(filter.idPrefix)) &&
    (filter.startedAfter === undefined || execution.startedAt > filter.startedAfter) &&
    (filter.startedBefore === undefined || execution.startedAt < filter.startedBefore) &&
    hasAttributes(execution.attributes, filter.attributes)
  );
}

function hasAttributes(there: Attributes | null, wanted: ExecutionFilter['attributes']): boolean {
  if (!wanted) return true;
  for (const [name, value] of wanted) if (!sameValue(there?.get(name), value)) return false;
  return true;
}

function sameValue(there: AttributeValue | undefined, wanted: AttributeValue): boolean {
  if (there instanceof Date && wanted instanceof Date) return there.getTime() === wanted.getTime();
  return there === wanted;
}

export interface ListPage {
  readonly filter: ExecutionFilter;
  /** 'newest' (default) and 'oldest' by start. */
  readonly order: 'newest' | 'oldest';
  /** At most BOUNDS.listPage. */
  readonly limit: number;
  /** Of the last item of the page before. */
  readonly after?: ListPlace;
}

/** Where a run stands in a list: by when it started, and by its number among those that started at once. */
export interface ListPlace {
  readonly startedAt: Millis;
  readonly eid: Eid;
}
