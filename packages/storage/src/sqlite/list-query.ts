import { type ExecutionFilter, type ListPage, STATUSES } from '@dfnsjs/actor-core/records';
import { packValue } from '../rows/attribute-values.ts';
import { boundsOf } from '../rows/list-bounds.ts';
import type { SqlValue } from '../rows/run-row.ts';

export interface Query {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export type Cut = Pick<ListPage, 'order' | 'after'>;

/**
 * The runs that a filter is about, in order of start, each branch on an index that has that order: so a page stops as
 * soon as it is full, and times are ends of the index. By attribute where one is asked for, else one branch a status,
 * merged by SQLite.
 */
export function selectRuns(columns: readonly string[], filter: ExecutionFilter, cut?: Cut): Query {
  const isByAttribute = Boolean(filter.attributes?.size);
  const branches = isByAttribute ? [byAttribute(filter)] : byStatus(filter);
  const place = isByAttribute ? (['since', 'found'] as const) : (['started_at', 'eid'] as const);
  const parts = branches.map(branch => {
    const conditions = [...branch.conditions, ...within(place, filter, cut), ...residual(filter)];
    return {
      sql: `SELECT ${columns.join(', ')} FROM ${branch.from} WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`,
      values: conditions.flatMap(({ values }) => values),
    };
  });
  const direction = cut?.order === 'oldest' ? 'ASC' : 'DESC';
  const order = cut ? ` ORDER BY ${place.map(column => `${column} ${direction}`).join(', ')}` : '';
  return {
    sql: parts.map(({ sql }) => sql).join(' UNION ALL ') + order,
    values: parts.flatMap(({ values }) => values),
  };
}

function within(
  [startedAt, eid]: readonly [string, string],
  filter: ExecutionFilter,
  cut: Cut | undefined,
): Condition[] {
  return boundsOf(filter, cut).map(({ operator, at }) =>
    typeof at === 'number'
      ? { sql: `${startedAt} ${operator} ?`, values: [at] }
      : { sql: `(${startedAt}, ${eid}) ${operator} (?, ?)`, values: [at.startedAt, at.eid] },
  );
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
  const from = `(SELECT eid AS found, started_at AS since FROM attribute WHERE ${key}) CROSS JOIN run ON run.eid = found`;
  return {
    from,
    conditions: [
      { sql: 'TRUE', values: driver! },
      ...others.map(values => ({
        sql: `EXISTS (SELECT 1 FROM attribute WHERE ${key} AND attribute.started_at = run.started_at AND attribute.eid = run.eid)`,
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
  return conditions;
}
