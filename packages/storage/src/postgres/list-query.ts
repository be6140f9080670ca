import { type ExecutionFilter, type ListPage, STATUSES } from '@dfnsjs/actor-core/records';
import { boundsOf } from '../rows/list-bounds.ts';
import { indexedValue } from './attribute-index.ts';
import type { Query } from './query.ts';

export type Cut = Pick<ListPage, 'order' | 'after' | 'limit'>;

/** The values of one query, each named by its place. */
class Values {
  readonly list: (string | number)[] = [];

  /** The type is written out, since a place stands where Postgres may take it for another. */
  place(value: string | number, type: 'text' | 'bigint' | 'integer' | 'double precision' = 'text'): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}

/**
 * The runs that a filter is about: a branch a status, each in order of start from an index that has that order, merged by
 * Postgres, so that a page ends where it is full, and times are ends of the index. By attribute where one is asked for,
 * which has that order too. Filters by id prefix or hold begin with those that match.
 */
export function selectRuns(columns: readonly string[], filter: ExecutionFilter, cut?: Cut): Query {
  const values = new Values();
  const from = sourceOf(filter);
  const selected = columns.map(column => `t.${column}`).join(', ');
  const common = [...named(filter, values), ...within(from.of, filter, cut, values), ...residual(filter, values)];
  const direction = cut?.order === 'oldest' ? 'ASC' : 'DESC';
  const limit = cut && values.place(cut.limit, 'bigint');
  const end = (of: string) =>
    cut ? ` ORDER BY ${of}.started_at ${direction}, ${of}.eid ${direction} LIMIT ${limit}` : '';
  const branches = branchesOf(filter).map(
    status => `SELECT ${selected} FROM ${from.sql} WHERE ${[...common, ...status].join(' AND ')}${end(from.of)}`,
  );
  if (branches.length === 1) return { sql: branches[0]!, values: values.list };
  const merged = branches.map(branch => (cut ? `(${branch})` : branch)).join(' UNION ALL ');
  return { sql: cut ? `SELECT * FROM (${merged}) AS t${end('t')}` : merged, values: values.list };
}

/** Where the runs come from, and what of it has their order. */
function sourceOf({ attributes }: ExecutionFilter): { readonly sql: string; readonly of: string } {
  if (!attributes?.size) return { sql: 'dfns.run t', of: 't' };
  return { sql: 'dfns.attribute x JOIN dfns.run t ON t.eid = x.eid', of: 'x' };
}

function within(of: string, filter: ExecutionFilter, cut: Cut | undefined, values: Values): string[] {
  return boundsOf(filter, cut).map(({ operator, at }) => {
    if (typeof at === 'number') return `${of}.started_at ${operator} ${values.place(at, 'double precision')}`;
    const place = `(${values.place(at.startedAt, 'double precision')}, ${values.place(at.eid, 'bigint')})`;
    return `(${of}.started_at, ${of}.eid) ${operator} ${place}`;
  });
}

/** A number of statuses in one range of an index has no order of start: hence a branch for each. */
function branchesOf(filter: ExecutionFilter): string[][] {
  const statuses = (filter.status ?? STATUSES).map(status => STATUSES.indexOf(status));
  if (filter.held === true) return [['t.held IS NOT NULL', 't.status = 0', `t.status IN (${statuses.join(', ')})`]];
  if (filter.attributes?.size || filter.idPrefix) {
    return [filter.status ? [`t.status IN (${statuses.join(', ')})`] : []];
  }
  return statuses.map(status => [`t.status = ${status}`]);
}

/** Of attributes the first is what the search begins with. */
function named(filter: ExecutionFilter, values: Values): string[] {
  const namespace = values.place(filter.namespace);
  const conditions = [`t.namespace = ${namespace}`];
  if (filter.workflow !== undefined) conditions.push(`t.workflow = ${values.place(filter.workflow)}`);
  const holds = [...(filter.attributes ?? [])].map(([name, value]) => (of: string) => {
    const [type, indexed] = indexedValue(value);
    return (
      `${of}.namespace = ${namespace} AND ${of}.name = ${values.place(name)}` +
      ` AND ${of}.type = ${values.place(type, 'integer')} AND ${of}.value = ${values.place(indexed)}`
    );
  });
  for (const [n, hold] of holds.entries()) {
    conditions.push(n === 0 ? hold('x') : `EXISTS (SELECT FROM dfns.attribute a WHERE a.eid = t.eid AND ${hold('a')})`);
  }
  return conditions;
}

/** What is looked at row by row, but for the prefix. */
function residual(filter: ExecutionFilter, values: Values): string[] {
  const conditions: string[] = [];
  if (filter.newest) {
    // An open run is the newest, and so is the one that the id points at: only others need a look at their chain.
    const newest = '(SELECT c.eid FROM dfns.current c WHERE c.namespace = t.namespace AND c.id = t.id)';
    const later = 'l.first = t.first AND l.first <> l.eid AND l.started_at > t.started_at';
    conditions.push(`(t.status = 0 OR t.eid = ${newest} OR NOT EXISTS (SELECT FROM dfns.run l WHERE ${later}))`);
  }
  if (filter.held === false) conditions.push('(t.held IS NULL OR t.status <> 0)');
  if (filter.idPrefix) conditions.push(`t.id ^@ ${values.place(filter.idPrefix)}`);
  return conditions;
}
