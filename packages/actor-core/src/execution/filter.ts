import type { Millis } from '../time/duration.ts';
import type { AttributeValue } from './attributes.ts';
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

export interface ListPage {
  readonly filter: ExecutionFilter;
  /** 'newest' (default) and 'oldest' by start. */
  readonly order: 'newest' | 'oldest';
  /** At most BOUNDS.listPage. */
  readonly limit: number;
  /** eid of the last item of the page before. */
  readonly after?: number;
}
