import { Packr } from 'msgpackr';
import type { JournalRow, SnapshotRow } from './rows.ts';
import { damaged, unpackVersioned } from './unpack.ts';

const VERSION = 1;
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/** Journal rows folded into one, so that a long run is read in few rows. Their turns are kept as they are. */
export function foldRows(rows: readonly JournalRow[]): SnapshotRow {
  const turns = packr.pack([VERSION, rows.map(row => row.turn)]);
  return { from: rows[0]!.seq, to: rows.at(-1)!.seq, turns };
}

export function unfoldRows(snapshot: SnapshotRow): JournalRow[] {
  const [, turns] = unpackVersioned(packr, snapshot.turns, VERSION, `the snapshot of turns ${snapshot.from} on`);
  if (!Array.isArray(turns) || turns.length !== snapshot.to - snapshot.from + 1) {
    throw damaged(`the snapshot of turns ${snapshot.from} to ${snapshot.to} holds others`);
  }
  return turns.map((turn: Uint8Array, i) => ({ seq: snapshot.from + i, turn }));
}

/** The whole journal in order, from what a reader finds: rows first, then segments; overlaps are the same turns. */
export function joinRows(journal: readonly JournalRow[], snapshots: readonly SnapshotRow[]): JournalRow[] {
  if (snapshots.length === 0) return [...journal];
  const bySeq = new Map<number, JournalRow>();
  for (const snapshot of snapshots) for (const row of unfoldRows(snapshot)) bySeq.set(row.seq, row);
  for (const row of journal) bySeq.set(row.seq, row);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
