import type { JournalRow } from '@dfnsjs/actor-core/ports';
import type { CommitId, Eid } from '@dfnsjs/actor-core/records';
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import type { SqlValue } from '../rows/run-row.ts';
import { Misfit } from './misfit.ts';
import { packTurns, type PackedTurn, unpackTurns } from './packed-turns.ts';

/** A turn above goes to the journal at once: it fills pages of its own wherever it stands. */
const LARGE_TURN_BYTES = 2048;
/** What is gathered before it is moved to the journal, run by run: the more, the more turns share the page that they go to. */
const GATHER = { turns: 16_384, bytes: 4 * 1024 * 1024 };
/** Moved with a batch beside as many turns as it brings: what was gathered is moved before as much is there again. */
const MOVED_BESIDE = 16;
/** Rows of one statement: a call of SQLite costs as much as writing a row does. */
const ROWS = 8;
/** Each finds a few runs whose place in the journal is damaged, and leaves them out. */
const MOVE_TRIES = 20;

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

  /** In place of one that stands there under its seq. */
  add(turn: LoggedTurn): void {
    this.turns++;
    this.bytes += turn.turn.length;
    const turns = this.runs.get(turn.eid);
    if (!turns) this.runs.set(turn.eid, [turn]);
    else if (turns.at(-1)!.seq < turn.seq) turns.push(turn);
    else {
      const place = turns.findIndex(({ seq }) => seq >= turn.seq);
      turns.splice(place, turns[place]!.seq === turn.seq ? 1 : 0, turn);
    }
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
  /** Those that could not be moved: they are in rows of their own, and gathered again. */
  again: LoggedTurn[];
  /** The last row that was written. */
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
  readonly #journal: Statement<SqlValue[]>;
  readonly #journalRows: Statement<SqlValue[]>;
  readonly #clear: Statement<[number]>;
  readonly #changes: Changes = { added: [], folded: [], moved: [], again: [], row: 0, emptied: false };
  /** Runs whose place in the journal takes nothing (its page is damaged): their turns stay here, and others do not wait. */
  readonly #misfits = new Set<Eid>();
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

  /** What a process that was killed left. Some of it was moved, folded or removed since, or gathered again. */
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
        if (!orNot(() => isGone.get({ eid, seq }))) left.add({ eid, seq, turn, commitId });
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

  /**
   * Moves as many turns as the batch may bring, and some. Comes first in a transaction. Misfit where the journal does not
   * take some: the next time they are left out.
   */
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
      if (this.#misfits.has(eid)) {
        this.#keep(rows);
        continue;
      }
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

  /** Gathers turns again, in rows of their own. */
  #keep(turns: readonly LoggedTurn[]): void {
    for (const turn of turns) {
      this.#writeRow([turn]);
      this.#changes.again.push(turn);
    }
    this.#changes.moved.push({ eid: turns[0]!.eid, count: turns.length });
  }

  #putInJournal(turns: readonly LoggedTurn[]): void {
    for (let i = 0; i < turns.length;) {
      const some = turns.slice(i, i + ROWS);
      if (some.length < ROWS) some.length = 1;
      const values: SqlValue[] = [];
      for (const { eid, seq, commitId, turn } of some) values.push(eid, seq, commitId, turn);
      try {
        (some.length === ROWS ? this.#journalRows : this.#journal).run(...values);
      } catch (cause) {
        if (!isOfTheRow(cause)) throw cause;
        for (const { eid } of some) this.#misfits.add(eid);
        throw new Misfit();
      }
      i += some.length;
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
    if (added.length === 0) return;
    assertRising(added);
    this.#writeRow(added);
  }

  /** Of one batch. */
  #writeRow(turns: readonly LoggedTurn[]): void {
    this.#changes.row = Number(this.#append.run(turns[0]!.commitId, packTurns(turns)).lastInsertRowid);
  }

  committed(): void {
    const { added, again, folded, moved, row, emptied } = this.#changes;
    if (emptied) this.#old = undefined;
    else for (const { eid, count } of moved) this.#wasMoved(eid, count);
    for (const turn of again) this.#young.add(turn);
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
    changes.again = [];
    changes.folded.length = changes.moved.length = 0;
    changes.row = 0;
    changes.emptied = false;
  }

  /** Moves all that is here, in a transaction for each of the two stretches. Throws where it cannot. */
  moveAll(transact: (work: () => void) => void): void {
    for (let stretch = 0; stretch < 2; stretch++) {
      if (!this.#old && this.#young.turns > 0) {
        this.#age(this.#young);
        this.#young = new Gathered();
      }
      if (this.#old) this.#moveWhole(this.#old, transact);
    }
  }

  #moveWhole(old: Gathered, transact: (work: () => void) => void): void {
    for (let tries = MOVE_TRIES; ; tries--) {
      try {
        transact(() => this.#move(old, Infinity));
        return this.committed();
      } catch (cause) {
        this.rolledBack();
        if (!(cause instanceof Misfit) || tries === 0) throw cause;
      }
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

/** Not that nothing can be written, such as to a full disk. */
function isOfTheRow(cause: unknown): boolean {
  return cause instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|CONSTRAINT)/.test(cause.code);
}

/** Whether a turn has gone; one whose neighbours cannot be read is kept: whoever reads its run is told of them. */
function orNot(isGone: () => number | undefined): boolean {
  try {
    return isGone() === 1;
  } catch (cause) {
    if (isOfTheRow(cause)) return false;
    throw cause;
  }
}

/** As the journal would: no turn of a run stands where another one does. */
function assertRising(turns: readonly LoggedTurn[]): void {
  const last = new Map<Eid, number>();
  for (const { eid, seq } of turns) {
    if (seq <= (last.get(eid) ?? 0)) throw new Misfit();
    last.set(eid, seq);
  }
}
