import type { JournalRow } from '@dfnsjs/actor-core/ports';
import type { CommitId, Eid } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import type { SqlValue } from '../rows/run-row.ts';
import { packTurns, type PackedTurn, unpackTurns } from './packed-turns.ts';

/** A turn above goes to the journal at once: it fills pages of its own wherever it stands. */
const LARGE_TURN_BYTES = 2048;
/** What is gathered before it is moved to the journal, run by run: the more, the more turns share the page that they go to. */
const GATHER = { turns: 16_384, bytes: 4 * 1024 * 1024 };
/** Moved with a batch beside as many turns as it brings: what was gathered is moved before as much is there again. */
const MOVED_BESIDE = 16;
/** Rows of one statement: a call of SQLite costs as much as writing a row does. */
const ROWS = 8;

interface LoggedTurn extends PackedTurn {
  readonly commitId: CommitId;
}

/** What was gathered in one stretch, in rows of `turn_log` up to `last`. */
class Gathered {
  /** Of each run in order of seq. */
  readonly runs = new Map<Eid, LoggedTurn[]>();
  turns = 0;
  bytes = 0;
  last = 0;

  add(turn: LoggedTurn): void {
    const turns = this.runs.get(turn.eid);
    if (turns) turns.push(turn);
    else this.runs.set(turn.eid, [turn]);
    this.turns++;
    this.bytes += turn.turn.length;
  }

  fold(eid: Eid, from: number, to: number): void {
    const turns = this.runs.get(eid);
    if (!turns) return;
    const left = turns.filter(({ seq }) => seq < from || seq > to);
    if (left.length > 0) this.runs.set(eid, left);
    else this.runs.delete(eid);
  }
}

/** What a transaction changes of the log, and is so once that is committed. */
interface Changes {
  added: LoggedTurn[];
  readonly folded: { readonly eid: Eid; readonly from: number; readonly to: number }[];
  readonly moved: { readonly eid: Eid; readonly count: number }[];
  /** The row of those added. */
  row: number;
  emptied: boolean;
}

/**
 * New turns, gathered in memory and, a row a batch, in the file, and moved to the journal by run: a log-structured merge of
 * two levels (O'Neil et al., "The Log-Structured Merge-Tree", 1996). Turns of thousands of runs that come one by one each
 * fall on a page of the journal of their own; so several of a run go there together. What stands here is the journal's:
 * whoever reads one reads the other. Every change is part of a transaction of the caller's, which says how it ended.
 */
export class TurnLog {
  readonly #gather: Readonly<typeof GATHER>;
  readonly #append: Statement<[CommitId, Buffer]>;
  readonly #journal: Statement<[Eid, number, CommitId, Uint8Array]>;
  readonly #journalRows: Statement<SqlValue[]>;
  readonly #clear: Statement<[number]>;
  readonly #changes: Changes = { added: [], folded: [], moved: [], row: 0, emptied: false };
  #young = new Gathered();
  /** It is moved run by run, in the order in which they stand in the journal. */
  #old: Gathered | undefined;
  #order: ArrayLike<Eid> = [];
  #next = 0;

  constructor(database: Database, gather: Readonly<typeof GATHER> = GATHER) {
    this.#gather = gather;
    this.#append = database.prepare('INSERT INTO turn_log (commit_id, turns) VALUES (?, ?)');
    this.#journal = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?)');
    this.#journalRows = database.prepare(`INSERT INTO journal VALUES ${Array(ROWS).fill('(?, ?, ?, ?)').join(', ')}`);
    this.#clear = database.prepare('DELETE FROM turn_log WHERE number <= ?');
    this.#read(database);
  }

  /** What a process that was killed left. Some of it was moved, folded or removed since. */
  #read(database: Database): void {
    const rows = database
      .prepare<[], { number: number; commit_id: CommitId; turns: Buffer }>('SELECT * FROM turn_log ORDER BY number')
      .all();
    const last = rows.at(-1)?.number;
    if (last === undefined) return;
    const isGone = database
      .prepare<{ eid: Eid; seq: number }, number>(
        `SELECT NOT EXISTS (SELECT 1 FROM run WHERE eid = @eid)
           OR EXISTS (SELECT 1 FROM journal WHERE eid = @eid AND seq = @seq)
           OR EXISTS (SELECT 1 FROM snapshot WHERE eid = @eid AND first_seq <= @seq AND last_seq >= @seq)`,
      )
      .pluck();
    const left = new Gathered();
    for (const { commit_id: commitId, turns } of rows) {
      for (const { eid, seq, turn } of unpackTurns(turns)) {
        if (!isGone.get({ eid, seq })) left.add({ eid, seq, turn, commitId });
      }
    }
    left.last = last;
    this.#age(left);
  }

  #age(gathered: Gathered): void {
    this.#old = gathered;
    this.#order = Float64Array.from(gathered.runs.keys()).sort() as ArrayLike<number> as ArrayLike<Eid>;
    this.#next = 0;
  }

  /** Moves as many turns as the batch may bring, and some. Comes first in a transaction. */
  move(turns: number): void {
    if (this.#old) this.#move(this.#old, turns + MOVED_BESIDE);
  }

  #move(old: Gathered, turns: number): void {
    const moved: LoggedTurn[] = [];
    let next = this.#next;
    for (; moved.length < turns && next < this.#order.length; next++) {
      const eid = this.#order[next]!;
      const rows = old.runs.get(eid);
      if (!rows) continue;
      const count = Math.min(rows.length, turns - moved.length);
      for (let i = 0; i < count; i++) moved.push(rows[i]!);
      this.#changes.moved.push({ eid, count });
      if (count < rows.length) break;
    }
    this.#putInJournal(moved);
    if (next < this.#order.length) return;
    this.#clear.run(old.last);
    this.#changes.emptied = true;
  }

  #putInJournal(turns: readonly LoggedTurn[]): void {
    let i = 0;
    for (; i + ROWS <= turns.length; i += ROWS) {
      const values: SqlValue[] = [];
      for (let n = i; n < i + ROWS; n++) {
        const { eid, seq, commitId, turn } = turns[n]!;
        values.push(eid, seq, commitId, turn);
      }
      this.#journalRows.run(...values);
    }
    for (; i < turns.length; i++) {
      const { eid, seq, commitId, turn } = turns[i]!;
      this.#journal.run(eid, seq, commitId, turn);
    }
  }

  add(eid: Eid, { seq, turn }: JournalRow, commitId: CommitId): void {
    if (turn.length > LARGE_TURN_BYTES) {
      this.#journal.run(eid, seq, commitId, turn);
      return;
    }
    this.#changes.added.push({ eid, seq, turn, commitId });
  }

  /** A snapshot holds these turns: they are the journal's no more, nor the log's. */
  fold(eid: Eid, from: number, to: number): void {
    const { added } = this.#changes;
    for (let i = added.length - 1; i >= 0; i--) {
      const { eid: of, seq } = added[i]!;
      if (of === eid && seq >= from && seq <= to) added.splice(i, 1);
    }
    this.#changes.folded.push({ eid, from, to });
  }

  /** Writes what was added. Comes last in a transaction. */
  write(): void {
    const { added } = this.#changes;
    const commitId = added[0]?.commitId;
    if (commitId === undefined) return;
    this.#changes.row = Number(this.#append.run(commitId, packTurns(added)).lastInsertRowid);
  }

  committed(): void {
    const { added, folded, moved, row, emptied } = this.#changes;
    if (emptied) this.#old = undefined;
    else for (const { eid, count } of moved) this.#wasMoved(eid, count);
    for (const turn of added) this.#young.add(turn);
    if (row > 0) this.#young.last = row;
    for (const { eid, from, to } of folded) {
      this.#old?.fold(eid, from, to);
      this.#young.fold(eid, from, to);
    }
    this.#reset();
    if (this.#old || (this.#young.turns < this.#gather.turns && this.#young.bytes < this.#gather.bytes)) return;
    this.#age(this.#young);
    this.#young = new Gathered();
  }

  #wasMoved(eid: Eid, count: number): void {
    const rows = this.#old!.runs.get(eid)!;
    if (count < rows.length) {
      rows.splice(0, count);
      return;
    }
    this.#old!.runs.delete(eid);
    while (this.#next < this.#order.length && !this.#old!.runs.has(this.#order[this.#next]!)) this.#next++;
  }

  rolledBack(): void {
    this.#reset();
  }

  #reset(): void {
    const changes = this.#changes;
    changes.added = [];
    changes.folded.length = changes.moved.length = 0;
    changes.row = 0;
    changes.emptied = false;
  }

  /** All that is here, moved in the caller's transaction. */
  moveAll(): void {
    while (this.#old || this.#young.turns > 0) {
      if (!this.#old) {
        this.#age(this.#young);
        this.#young = new Gathered();
      }
      this.#move(this.#old!, Infinity);
      this.committed();
    }
  }

  /** The run is gone. */
  drop(eid: Eid): void {
    this.#old?.runs.delete(eid);
    this.#young.runs.delete(eid);
  }

  /** Of turns that are not in the journal yet, those of the transaction in hand included; 0 where there is none. */
  lastSeq(eid: Eid): number {
    const added = this.#changes.added.findLast(turn => turn.eid === eid);
    return (added ?? this.of(eid).at(-1))?.seq ?? 0;
  }

  /** Turns of a run that are not in the journal yet, in order of seq. */
  of(eid: Eid): readonly LoggedTurn[] {
    const old = this.#old?.runs.get(eid);
    const young = this.#young.runs.get(eid);
    return old && young ? [...old, ...young] : (old ?? young ?? []);
  }
}
