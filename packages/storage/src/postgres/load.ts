import type { InboxRow, LoadedRun, SnapshotRow, JournalRow } from '@dfnsjs/actor-core/ports';
import type { Eid, RunRow, ShardId } from '@dfnsjs/actor-core/records';
import { RUN_COLUMNS, type SqlValue, unpackRun } from '../rows/run-row.ts';
import type { Row } from './connection.ts';
import { unpackText } from './text.ts';

const COLUMNS = RUN_COLUMNS.map(column => `t.${column}`).join(', ');
/** Bytes travel as rows of their own: inside JSON they would be text. */
const BLOBS = ['input', 'output', 'carry'] as const;
const FIELDS = RUN_COLUMNS.filter(column => !(BLOBS as readonly string[]).includes(column));

const KIND = { run: 0, journal: 1, snapshot: 2, inbox: 3, blob: 4 } as const;

/**
 * All of some runs in one statement, so in one view of the store. A row is (kind, eid, three numbers, bytes, the run's
 * other columns); what comes in an order is put in it here, since a union of sorted parts is not sorted.
 */
export const LOAD = `
SELECT ${KIND.run} AS kind, t.eid, NULL::double precision AS a, NULL::bigint AS b, NULL::bigint AS c, NULL::bytea AS bytes,
  json_build_array(${FIELDS.map(column => `t.${column}`).join(', ')}) AS fields
FROM dfns.run t WHERE t.eid = ANY ($1)
UNION ALL SELECT ${KIND.journal}, j.eid, j.seq, NULL, NULL, j.turn, NULL FROM dfns.journal j WHERE j.eid = ANY ($1)
UNION ALL SELECT ${KIND.snapshot}, s.eid, s.first_seq, s.last_seq, NULL, s.turns, NULL
FROM dfns.snapshot s WHERE s.eid = ANY ($1)
UNION ALL SELECT ${KIND.inbox}, t.eid, i.accepted, i.sender, i.number, i.message, NULL
FROM dfns.run t JOIN dfns.inbox i ON i.shard = t.shard AND i.receiver = t.first WHERE t.eid = ANY ($1)
${BLOBS.map((column, i) => `UNION ALL SELECT ${KIND.blob}, t.eid, ${i}, NULL, NULL, t.${column}, NULL FROM dfns.run t WHERE t.eid = ANY ($1) AND t.${column} IS NOT NULL`).join('\n')}`;

export const CURRENT = `SELECT ${COLUMNS} FROM dfns.current c JOIN dfns.run t ON t.eid = c.eid
WHERE c.namespace = $1 AND c.id = $2`;

/** By time, not by eid: a node that joined earlier may write a later run. */
export const CHAIN = `SELECT ${COLUMNS} FROM dfns.run t WHERE t.eid = $1 AND t.first = t.eid
UNION ALL (SELECT ${COLUMNS} FROM dfns.run t WHERE t.first = $1 AND t.first <> t.eid ORDER BY t.started_at, t.eid)`;

interface Part {
  fields: Record<string, SqlValue>;
  readonly journal: JournalRow[];
  readonly snapshots: SnapshotRow[];
  readonly letters: Omit<InboxRow, 'shard' | 'receiver'>[];
}

/** In the order of `eids`. */
export function assembleRuns(eids: readonly Eid[], rows: readonly Row[]): (LoadedRun | undefined)[] {
  const parts = new Map<Eid, Part>();
  const partOf = (eid: Eid): Part => {
    let part = parts.get(eid);
    if (!part) parts.set(eid, (part = { fields: {}, journal: [], snapshots: [], letters: [] }));
    return part;
  };
  for (const row of rows as unknown as readonly LoadRow[]) {
    const { fields, journal, snapshots, letters } = partOf(row.eid);
    switch (row.kind) {
      case KIND.run:
        row.fields.forEach((value, i) => {
          fields[FIELDS[i]!] = typeof value === 'string' ? unpackText(value) : value;
        });
        break;
      case KIND.journal:
        journal.push({ seq: row.a, turn: row.bytes });
        break;
      case KIND.snapshot:
        snapshots.push({ from: row.a, to: row.b, turns: row.bytes });
        break;
      case KIND.inbox:
        letters.push({ accepted: row.a, sender: row.b as Eid | 0, number: row.c, message: row.bytes });
        break;
      case KIND.blob:
        fields[BLOBS[row.a]!] = row.bytes;
    }
  }
  const loaded = new Map([...parts].flatMap(([eid, part]) => ('eid' in part.fields ? [[eid, whole(part)]] : [])));
  return eids.map(eid => loaded.get(eid));
}

interface LoadRow {
  readonly kind: (typeof KIND)[keyof typeof KIND];
  readonly eid: Eid;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly bytes: Uint8Array;
  readonly fields: readonly SqlValue[];
}

function whole({ fields, journal, snapshots, letters }: Part): LoadedRun {
  const run: RunRow = unpackRun({ input: null, output: null, carry: null, ...fields });
  const shard: ShardId = run.shard;
  return {
    run,
    journal: journal.sort((a, b) => a.seq - b.seq),
    snapshots: snapshots.sort((a, b) => a.from - b.from),
    inbox: letters
      .sort((a, b) => a.accepted - b.accepted || a.sender - b.sender || a.number - b.number)
      .map(letter => ({ shard, receiver: run.first, ...letter })),
  };
}
