import { type ExecutionFilter, STATUSES } from '@dfnsjs/actor-core/records';
import { packValue } from '../rows/attribute-values.ts';
import type { SqlValue } from '../rows/run-row.ts';

export interface Query {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export interface Cut {
  readonly order: 'newest' | 'oldest';
  readonly after: number | undefined;
}

/**
 * The runs that a filter is about, in order of eid, each branch on an index that has that order: so a page stops as
 * soon as it is full. By attribute where one is asked for, else one branch a status, merged by SQLite. What
 * started in a span of time lies close together in that order, but not where: its ends are looked up first.
 */
export function selectRuns(columns: readonly string[], filter: ExecutionFilter, cut?: Cut): Query {
  const branches = filter.attributes?.size ? [byAttribute(filter)] : byStatus(filter);
  const after =
    cut?.after === undefined ? [] : [{ sql: `eid ${cut.order === 'oldest' ? '>' : '<'} ?`, values: [cut.after] }];
  const span = spanOf(filter);
  const within = span
    ? [{ sql: 'eid BETWEEN (SELECT lowest FROM span) AND (SELECT highest FROM span)', values: [] }]
    : [];
  const parts = branches.map(branch => {
    const conditions = [...branch.conditions, ...within, ...residual(filter), ...after];
    return {
      sql: `SELECT ${columns.join(', ')} FROM ${branch.from} WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`,
      values: conditions.flatMap(({ values }) => values),
    };
  });
  const order = cut
    ? ` ORDER BY ${filter.attributes?.size ? 'found' : 'eid'} ${cut.order === 'oldest' ? 'ASC' : 'DESC'}`
    : '';
  return {
    sql: (span?.sql ?? '') + parts.map(({ sql }) => sql).join(' UNION ALL ') + order,
    values: [...(span?.values ?? []), ...parts.flatMap(({ values }) => values)],
  };
}

/** undefined where no time is asked for, or the filter begins with few runs anyhow. */
function spanOf(filter: ExecutionFilter): Condition | undefined {
  if (filter.held === true || filter.attributes?.size) return undefined;
  const times = startedWithin(filter);
  if (times.length === 0) return undefined;
  const where = ['namespace = ?', ...times.map(({ sql }) => sql)].join(' AND ');
  return {
    sql: `WITH span AS MATERIALIZED (SELECT min(eid) AS lowest, max(eid) AS highest FROM run INDEXED BY run_started WHERE ${where}) `,
    values: [filter.namespace, ...times.flatMap(({ values }) => values)],
  };
}

function startedWithin({ startedAfter, startedBefore }: ExecutionFilter): Condition[] {
  const conditions: Condition[] = [];
  if (startedAfter !== undefined) conditions.push({ sql: 'started_at > ?', values: [startedAfter] });
  if (startedBefore !== undefined) conditions.push({ sql: 'started_at < ?', values: [startedBefore] });
  return conditions;
}

interface Branch {
  readonly from: string;
  readonly conditions: readonly Condition[];
}

function byStatus(filter: ExecutionFilter): Branch[] {
  if (filter.held === true) {
    return [{ from: 'run INDEXED BY run_held', conditions: [...inNamespace(filter), inStatus(filter)] }];
  }
  const index = filter.workflow === undefined ? 'run_status' : 'run_workflow';
  return (filter.status ?? STATUSES).map(status => ({
    from: `run INDEXED BY ${index}`,
    conditions: [...inNamespace(filter), { sql: `status = ${STATUSES.indexOf(status)}`, values: [] }],
  }));
}

/** Driven by the first attribute; the others are looked up for each of its runs. */
function byAttribute(filter: ExecutionFilter): Branch {
  const [driver, ...others] = [...filter.attributes!].map(([name, value]) => [
    filter.namespace,
    name,
    ...packValue(value),
  ]);
  const key = 'namespace = ? AND name = ? AND type = ? AND value = ?';
  const from = `(SELECT eid AS found FROM attribute WHERE ${key}) CROSS JOIN run ON run.eid = found`;
  return {
    from,
    conditions: [
      { sql: 'TRUE', values: driver! },
      ...others.map(values => ({
        sql: `EXISTS (SELECT 1 FROM attribute WHERE ${key} AND attribute.eid = run.eid)`,
        values,
      })),
      ...inNamespace(filter),
      inStatus(filter),
    ],
  };
}

function inNamespace(filter: ExecutionFilter): Condition[] {
  const namespace = { sql: 'namespace = ?', values: [filter.namespace] };
  return filter.workflow === undefined ? [namespace] : [namespace, { sql: 'workflow = ?', values: [filter.workflow] }];
}

function inStatus(filter: ExecutionFilter): Condition {
  if (!filter.status) return { sql: 'TRUE', values: [] };
  return { sql: `status IN (${filter.status.map(status => STATUSES.indexOf(status)).join(', ')})`, values: [] };
}

/** What no index serves; read row by row. */
function residual(filter: ExecutionFilter): Condition[] {
  const conditions: Condition[] = [];
  if (filter.newest) {
    // An open run is the newest, and so is the one that the id points at: only others need a look at their chain.
    const newest = '(SELECT eid FROM current WHERE current.namespace = run.namespace AND current.id = run.id)';
    const later = 'later.first = run.first AND later.first <> later.eid AND later.started_at > run.started_at';
    const followed = `EXISTS (SELECT 1 FROM run AS later INDEXED BY run_later WHERE ${later})`;
    conditions.push({ sql: `(run.status = 0 OR run.eid = ${newest} OR NOT ${followed})`, values: [] });
  }
  if (filter.held === true) conditions.push({ sql: 'held IS NOT NULL AND status = 0', values: [] });
  if (filter.held === false) conditions.push({ sql: '(held IS NULL OR status <> 0)', values: [] });
  if (filter.idPrefix !== undefined)
    conditions.push({ sql: 'substr(id, 1, length(?)) = ?', values: [filter.idPrefix, filter.idPrefix] });
  return [...conditions, ...startedWithin(filter)];
}
