import type { ActorCommit, CommitVerdict, IdempotencyRow, InboxKey } from '@dfnsjs/actor-core/ports';
import type { CommitId, Eid } from '@dfnsjs/actor-core/records';
import type { Database, Statement } from 'better-sqlite3';
import { statusOf } from '../rows/run-row.ts';
import type { TurnLog } from './turn-log.ts';

/** Reads that tell what the store makes of one actor's part, before anything of it is written. */
export class ActorChecks {
  readonly #log: TurnLog;
  readonly #lastJournal: Statement<[Eid], number>;
  readonly #lastSnapshot: Statement<[Eid], number>;
  readonly #commitOfTurn: Statement<[Eid, number], string>;
  readonly #commitOfSnapshot: Statement<[Eid, number], { last_seq: number; commit_id: string }>;
  readonly #runExists: Statement<[Eid], number>;
  readonly #inboxExists: Statement<[number, number, number, number, number], number>;
  readonly #idempotency: Statement<[string, string], { hash: string; eid: Eid; expires_at: number }>;
  readonly #current: Statement<[string, string], { eid: Eid; status: number }>;

  constructor(database: Database, log: TurnLog) {
    this.#log = log;
    this.#lastJournal = database
      .prepare<[Eid], number>('SELECT seq FROM journal WHERE eid = ? ORDER BY seq DESC LIMIT 1')
      .pluck();
    this.#lastSnapshot = database
      .prepare<[Eid], number>('SELECT last_seq FROM snapshot WHERE eid = ? ORDER BY first_seq DESC LIMIT 1')
      .pluck();
    this.#commitOfTurn = database
      .prepare<[Eid, number], string>('SELECT commit_id FROM journal WHERE eid = ? AND seq = ?')
      .pluck();
    this.#commitOfSnapshot = database.prepare(
      'SELECT last_seq, commit_id FROM snapshot WHERE eid = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
    );
    this.#runExists = database.prepare<[Eid], number>('SELECT 1 FROM run WHERE eid = ?').pluck();
    this.#inboxExists = database
      .prepare<[number, number, number, number, number], number>(
        'SELECT 1 FROM inbox WHERE shard = ? AND receiver = ? AND accepted = ? AND sender = ? AND number = ?',
      )
      .pluck();
    this.#idempotency = database.prepare(
      'SELECT hash, run.eid, expires_at FROM idempotency JOIN run ON run.eid = idempotency.eid WHERE idempotency.namespace = ? AND key = ?',
    );
    this.#current = database.prepare(
      'SELECT current.eid, status FROM current JOIN run ON run.eid = current.eid WHERE current.namespace = ? AND current.id = ?',
    );
  }

  /** Of journal and snapshots; 0 without either. */
  lastSeq(eid: Eid): number {
    return Math.max(this.#log.lastSeq(eid), this.#lastJournal.get(eid) ?? 0) || (this.#lastSnapshot.get(eid) ?? 0);
  }

  /** True where turn `seq` stands there under `commitId`; a commit that folds its own row is known by its snapshot. */
  hasLanded(eid: Eid, seq: number, commitId: CommitId): boolean {
    const logged = this.#log.of(eid).find(turn => turn.seq === seq);
    const journal = logged?.commitId ?? this.#commitOfTurn.get(eid, seq);
    if (journal !== undefined) return journal === commitId;
    const snapshot = this.#commitOfSnapshot.get(eid, seq);
    return snapshot !== undefined && snapshot.last_seq >= seq && snapshot.commit_id === commitId;
  }

  /** All that comes after fence and seq. undefined: it can be written. */
  verdict(actor: ActorCommit, now: number): CommitVerdict | 'landed' | undefined {
    if (actor.update && !this.#runExists.get(actor.eid)) return { kind: 'conflict' };
    if (actor.journal && actor.takes?.some(key => !this.#waits(key))) return { kind: 'already-taken' };
    const duplicate = actor.idempotency && this.#duplicate(actor.idempotency, now);
    return duplicate ?? this.#claim(actor);
  }

  #waits(key: InboxKey): boolean {
    return this.#inboxExists.get(key.shard, key.receiver, key.accepted, key.sender, key.number) !== undefined;
  }

  #duplicate(row: IdempotencyRow, now: number): CommitVerdict | undefined {
    const first = this.#idempotency.get(row.namespace, row.key);
    if (!first || first.expires_at <= now || first.eid === row.eid) return undefined;
    return { kind: 'duplicate', eid: first.eid, hash: first.hash };
  }

  #claim({ current, insert }: ActorCommit): CommitVerdict | 'landed' | undefined {
    if (!insert) return undefined;
    if (current) {
      const newest = this.#current.get(insert.namespace, insert.id);
      // A start without a journal row that is sent again finds its own run.
      if (newest?.eid === insert.eid) return 'landed';
      if (!newest && current.expect !== null) return { kind: 'conflict' };
      if (newest && newest.eid !== current.expect) {
        return { kind: 'exists', eid: newest.eid, status: statusOf(newest.status) ?? 'running' };
      }
    }
    return this.#runExists.get(insert.eid) ? { kind: 'conflict' } : undefined;
  }
}
