import { type ActorCommit, type CommitBatch, type CommitVerdict, DONE } from '@dfnsjs/actor-core/ports';
import type { Eid } from '@dfnsjs/actor-core/records';
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import { ActorChecks } from './actor-checks.ts';
import { ActorWrites } from './actor-writes.ts';
import { commitFailure, refused } from './failure.ts';
import { Misfit } from './misfit.ts';
import type { Shards } from './ownership.ts';
import { Tails } from '../batch/tails.ts';
import type { TurnLog } from './turn-log.ts';

/**
 * One transaction a batch. It is tried first without reading: fences and last seqs are known in memory, and most
 * writes cannot fail. Where one does not fit, all is rolled back and the batch done again, each actor read before it
 * is written; so a refused actor leaves nothing, and no savepoint is paid for the others.
 */
export class Committer {
  readonly #database: Database;
  readonly #shards: Shards;
  readonly #checks: ActorChecks;
  readonly #writes: ActorWrites;
  readonly #log: TurnLog;
  readonly #tails = new Tails();
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;

  constructor(database: Database, shards: Shards, log: TurnLog) {
    this.#database = database;
    this.#shards = shards;
    this.#log = log;
    this.#checks = new ActorChecks(database, log);
    this.#writes = new ActorWrites(database, log);
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
  }

  commit(batch: CommitBatch, now: number): readonly CommitVerdict[] {
    return this.#attempt(batch, now, 'unread') ?? this.#attempt(batch, now, 'read')!;
  }

  /** The run is gone: what was known of it is not so any more. */
  forget(eid: Eid): void {
    this.#tails.drop(eid);
    this.#log.drop(eid);
  }

  /** undefined: something did not fit, and nothing of it stands. Only an unread attempt may end so. */
  #attempt(batch: CommitBatch, now: number, mode: 'unread' | 'read'): readonly CommitVerdict[] | undefined {
    const verdicts: CommitVerdict[] = [];
    try {
      this.#end();
      this.#begin.run();
      // What it does not fit with is no reason to refuse a batch.
      if (mode === 'unread') this.#log.move(batch.actors.length);
      for (const actor of batch.actors) verdicts.push(this.#actor(actor, batch, now, mode));
      this.#log.write();
    } catch (cause) {
      this.#abandon();
      if (mode === 'unread' && isMisfit(cause)) return undefined;
      throw refused('The batch was rolled back', cause);
    }
    try {
      this.#commit.run();
    } catch (cause) {
      this.#abandon();
      this.#tails.forget();
      throw commitFailure(cause);
    }
    this.#tails.committed();
    this.#log.committed();
    return verdicts;
  }

  #actor(actor: ActorCommit, batch: CommitBatch, now: number, mode: 'unread' | 'read'): CommitVerdict {
    const { eid, journal, prevSeq } = actor;
    if (!this.#shards.owns(actor.shard, actor.epoch, batch.incarnation)) return { kind: 'fenced' };
    // A key that is used is too common to roll a batch back for.
    const reads = mode === 'read' || actor.idempotency !== undefined;
    if (this.#lastSeq(actor, reads) !== prevSeq) {
      return journal && this.#checks.hasLanded(eid, journal.seq, batch.commitId) ? DONE : { kind: 'conflict' };
    }
    if (journal && journal.seq <= prevSeq) return { kind: 'conflict' };
    if (reads) {
      const verdict = this.#checks.verdict(actor, now);
      if (verdict !== undefined) return verdict === 'landed' ? DONE : verdict;
    }
    if (!this.#writes.claim(actor)) {
      if (mode === 'read') throw new Misfit();
      return this.#actor(actor, batch, now, 'read');
    }
    this.#writes.write(actor, batch.commitId);
    if (journal) this.#tails.note(actor);
    return DONE;
  }

  #lastSeq({ eid, insert }: ActorCommit, reads: boolean): number {
    const known = this.#tails.get(eid);
    if (known !== undefined) return known;
    // A new run has none, unless its start is sent again; inserting it then does not fit.
    return !reads && insert?.eid === eid ? 0 : this.#checks.lastSeq(eid);
  }

  #abandon(): void {
    this.#tails.rolledBack();
    this.#log.rolledBack();
    try {
      this.#end();
    } catch {
      // A rollback fails only together with the file; the next batch tries it again before it begins.
    }
  }

  #end(): void {
    if (this.#database.inTransaction) this.#rollback.run();
  }
}

function isMisfit(cause: unknown): boolean {
  return cause instanceof Misfit || (cause instanceof Sqlite.SqliteError && cause.code.startsWith('SQLITE_CONSTRAINT'));
}
