import { type ExecutionFilter, STATUSES } from '@dfnsjs/actor-core/records';
import { indexedValue } from './attribute-index.ts';
import type { Query } from './query.ts';

export interface Cut {
  readonly order: 'newest' | 'oldest';
  readonly after: number | undefined;
  readonly limit: number;
}

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
 * The runs that a filter is about: a branch a status, each in order of eid from an index that has that order, merged by
 * Postgres, so that a page ends where it is full. Filters by attribute, id prefix or hold begin with those that match.
 * What started in a span of time lies close together in that order, but not where: its ends are looked up first.
 */
export function selectRuns(columns: readonly string[], filter: ExecutionFilter, cut?: Cut): Query {
  const values = new Values();
  const direction = cut?.order === 'oldest' ? 'ASC' : 'DESC';
  const selected = columns.map(column => `t.${column}`).join(', ');
  const common = [...named(filter, values), ...residual(filter, values)];
  const span = spanOf(filter, values);
  if (span) common.push('t.eid BETWEEN (SELECT lowest FROM span) AND (SELECT highest FROM span)');
  if (cut?.after !== undefined) {
    common.push(`t.eid ${cut.order === 'oldest' ? '>' : '<'} ${values.place(cut.after, 'bigint')}`);
  }
  const end = cut ? ` ORDER BY t.eid ${direction} LIMIT ${values.place(cut.limit, 'bigint')}` : '';
  const branches = branchesOf(filter).map(
    status => `SELECT ${selected} FROM dfns.run t WHERE ${[...common, ...status].join(' AND ')}${end}`,
  );
  if (branches.length === 1) return { sql: span + branches[0]!, values: values.list };
  const merged = branches.map(branch => (cut ? `(${branch})` : branch)).join(' UNION ALL ');
  return { sql: span + (cut ? `SELECT * FROM (${merged}) AS t${end}` : merged), values: values.list };
}

/** Empty where no time is asked for, or the filter begins with few runs anyhow. */
function spanOf(filter: ExecutionFilter, values: Values): string {
  if (filter.held === true || filter.attributes?.size || filter.idPrefix) return '';
  const times = startedWithin('e', filter, values);
  if (times.length === 0) return '';
  const where = [`e.namespace = ${values.place(filter.namespace)}`, ...times].join(' AND ');
  // The sum keeps Postgres from looking for the lowest eid along the primary key, which may lead past all others.
  return `WITH span AS MATERIALIZED (SELECT min(e.eid + 0) AS lowest, max(e.eid + 0) AS highest FROM dfns.run e WHERE ${where}) `;
}

function startedWithin(run: string, { startedAfter, startedBefore }: ExecutionFilter, values: Values): string[] {
  const conditions: string[] = [];
  if (startedAfter !== undefined) {
    conditions.push(`${run}.started_at > ${values.place(startedAfter, 'double precision')}`);
  }
  if (startedBefore !== undefined) {
    conditions.push(`${run}.started_at < ${values.place(startedBefore, 'double precision')}`);
  }
  return conditions;
}

/** A number of statuses in one range of an index has no order of eid: hence a branch for each. */
function branchesOf(filter: ExecutionFilter): string[][] {
  const statuses = (filter.status ?? STATUSES).map(status => STATUSES.indexOf(status));
  if (filter.held === true) return [['t.held IS NOT NULL', 't.status = 0', `t.status IN (${statuses.join(', ')})`]];
  if (filter.attributes?.size || filter.idPrefix) {
    return [filter.status ? [`t.status IN (${statuses.join(', ')})`] : []];
  }
  return statuses.map(status => [`t.status = ${status}`]);
}

function named(filter: ExecutionFilter, values: Values): string[] {
  const namespace = values.place(filter.namespace);
  const conditions = [`t.namespace = ${namespace}`];
  if (filter.workflow !== undefined) conditions.push(`t.workflow = ${values.place(filter.workflow)}`);
  for (const [name, value] of filter.attributes ?? []) {
    const [type, indexed] = indexedValue(value);
    conditions.push(
      `t.eid IN (SELECT x.eid FROM dfns.attribute x WHERE x.namespace = ${namespace} AND x.name = ${values.place(name)}` +
        ` AND x.type = ${values.place(type, 'integer')} AND x.value = ${values.place(indexed)})`,
    );
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
  return [...conditions, ...startedWithin('t', filter, values)];
}
