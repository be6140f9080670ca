import { DfnsError } from '@dfnsjs/actor-core';
import type { ListedRun, Retired } from '@dfnsjs/actor-core/ports';
import { type RunPatch, type RunRow, STATUSES, type Status } from '@dfnsjs/actor-core/records';
import { packAttributes, unpackAttributes } from './attribute-values.ts';

export type SqlValue = string | number | Uint8Array | null;
type Stored = Readonly<Record<string, SqlValue>>;

/** The columns of `run` and how each property stands in its column; the blobs last. */
const PLAIN = {
  eid: 'eid',
  first: 'first',
  namespace: 'namespace',
  id: 'id',
  runId: 'run_id',
  workflow: 'workflow',
  version: 'version',
  build: 'build',
  shard: 'shard',
  startedAt: 'started_at',
  closedAt: 'closed_at',
  wakeAt: 'wake_at',
  seed: 'seed',
  lineage: 'lineage',
  parent: 'parent',
  details: 'details',
  deadline: 'deadline',
  runDeadline: 'run_deadline',
  startedBy: 'started_by',
  turns: 'turns',
  bytes: 'bytes',
  lastError: 'last_error',
} as const satisfies Partial<Record<keyof RunRow, string>>;
const PLAIN_ENTRIES = Object.entries(PLAIN);

export const LISTED_COLUMNS = [...Object.values(PLAIN), 'status', 'held', 'attributes', 'waiting'];
export const RUN_COLUMNS = [...LISTED_COLUMNS, 'headers', 'input', 'output', 'carry'];

/** In the order of RUN_COLUMNS. */
export function packRun(row: RunRow): SqlValue[] {
  return [
    row.eid,
    row.first,
    row.namespace,
    row.id,
    row.runId,
    row.workflow,
    row.version,
    row.build,
    row.shard,
    row.startedAt,
    row.closedAt,
    row.wakeAt,
    row.seed,
    row.lineage,
    row.parent,
    row.details,
    row.deadline,
    row.runDeadline,
    row.startedBy,
    row.turns,
    row.bytes,
    row.lastError,
    STATUSES.indexOf(row.status),
    packJson(row.held),
    packAttributes(row.attributes),
    packJson(row.waiting),
    row.headers && packJson([...row.headers]),
    row.input,
    row.output,
    row.carry,
  ];
}

/** The columns a patch may name, with what stands in each. */
export const PATCH_COLUMNS: readonly {
  readonly column: string;
  readonly pack: (patch: RunPatch) => SqlValue | undefined;
}[] = [
  { column: 'status', pack: patch => patch.status && STATUSES.indexOf(patch.status) },
  { column: 'closed_at', pack: patch => patch.closedAt },
  { column: 'wake_at', pack: patch => patch.wakeAt },
  { column: 'output', pack: patch => patch.output },
  { column: 'turns', pack: patch => patch.turns },
  { column: 'bytes', pack: patch => patch.bytes },
  { column: 'waiting', pack: patch => packJson(patch.waiting) },
  { column: 'last_error', pack: patch => patch.lastError },
  { column: 'build', pack: patch => patch.build },
  { column: 'held', pack: patch => packJson(patch.held) },
  {
    column: 'attributes',
    pack: patch => (patch.attributes === undefined ? undefined : packAttributes(patch.attributes)),
  },
  { column: 'details', pack: patch => patch.details },
  { column: 'seed', pack: patch => patch.seed },
  { column: 'lineage', pack: patch => patch.lineage },
];

/** DfnsError INTERNAL, naming the run and the column, where what is stored cannot be read. */
export function unpackListed(stored: Stored): ListedRun {
  const row: Record<string, unknown> = {};
  for (const [property, column] of PLAIN_ENTRIES) row[property] = stored[column];
  row['status'] = unpackStatus(stored);
  row['held'] = unpackColumn(stored, 'held', JSON.parse);
  row['attributes'] = unpackColumn(stored, 'attributes', unpackAttributes);
  row['waiting'] = unpackColumn(stored, 'waiting', JSON.parse);
  return row as unknown as ListedRun;
}

/** What of a run is told of an execution that was deleted; `eid` stands in what is said of damage. */
export const RETIRED_COLUMNS = [
  ...[
    'eid',
    'first',
    'namespace',
    'id',
    'run_id',
    'workflow',
    'version',
    'started_at',
    'turns',
    'status',
    'attributes',
  ],
];

export function unpackRetired(stored: Stored): Retired {
  const { first, namespace, id, run_id: runId, workflow, version, started_at: startedAt, turns } = stored;
  const plain = { first, namespace, id, runId, workflow, version, startedAt, turns };
  const attributes = unpackColumn(stored, 'attributes', unpackAttributes);
  return { ...plain, status: unpackStatus(stored), attributes } as Retired;
}

export function unpackRun(stored: Stored): RunRow {
  const headers = unpackColumn(stored, 'headers', text => new Map(JSON.parse(text) as [string, string][]));
  const { input, output, carry } = stored;
  return { ...unpackListed(stored), headers, input, output, carry } as RunRow;
}

export function statusOf(index: number): Status | undefined {
  return STATUSES[index];
}

function unpackStatus(stored: Stored): Status {
  return statusOf(Number(stored['status'])) ?? corrupt(stored, 'status');
}

function unpackColumn<T>(stored: Stored, column: string, unpack: (text: string) => T): T | null {
  const value = stored[column];
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') return corrupt(stored, column);
  try {
    return unpack(value);
  } catch (cause) {
    return corrupt(stored, column, cause);
  }
}

function corrupt(stored: Stored, column: string, cause?: unknown): never {
  const { eid } = stored;
  throw new DfnsError('INTERNAL', `Run ${String(eid)} is damaged in the store: its "${column}" cannot be read.`, {
    cause,
    details: { eid, column },
  });
}

function packJson(value: object | null): string | null;
function packJson(value: object | null | undefined): string | null | undefined;
function packJson(value: object | null | undefined): string | null | undefined {
  return value === undefined ? undefined : value === null ? null : JSON.stringify(value);
}
