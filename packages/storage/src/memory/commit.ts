import { type ActorCommit, type CommitVerdict, DONE } from '@dfnsjs/actor-core/ports';
import { addressKey, type CommitId, type Eid, type Incarnation, type RunRow } from '@dfnsjs/actor-core/records';
import { owns } from '../ownership/shard-ownership.ts';
import type { Tables } from './tables.ts';

interface Batch {
  readonly commitId: CommitId;
  readonly incarnation: Incarnation;
}

/** Checks one actor's part in the order that `ActorCommit` says, then writes all of it or nothing. */
export function commitActor(tables: Tables, actor: ActorCommit, batch: Batch, now: number): CommitVerdict {
  const verdict = check(tables, actor, batch, now);
  if (verdict === 'landed') return DONE;
  if (verdict !== undefined) return verdict;
  write(tables, actor, batch.commitId);
  return DONE;
}

function check(tables: Tables, actor: ActorCommit, batch: Batch, now: number): CommitVerdict | 'landed' | undefined {
  const { eid, journal, insert, takes, idempotency, current } = actor;
  if (!owns(tables.shards[actor.shard], actor.epoch, batch.incarnation)) return { kind: 'fenced' };
  if (tables.lastSeq(eid) !== actor.prevSeq) {
    return journal && hasLanded(tables, eid, journal.seq, batch.commitId) ? 'landed' : { kind: 'conflict' };
  }
  if (journal && journal.seq <= actor.prevSeq) return { kind: 'conflict' };
  if (actor.update && !tables.runs.has(eid)) return { kind: 'conflict' };
  if (journal && takes?.some(key => !tables.inbox.has(key))) return { kind: 'already-taken' };
  if (idempotency) {
    const first = tables.idempotency.get(addressKey(idempotency.namespace, idempotency.key));
    if (first && first.expiresAt > now && first.eid !== idempotency.eid && tables.runs.has(first.eid)) {
      return { kind: 'duplicate', eid: first.eid, hash: first.hash };
    }
  }
  if (current && insert) {
    const newest = tables.current.get(addressKey(insert.namespace, insert.id));
    // A start without a journal row that is sent again finds its own run.
    if (newest === insert.eid) return 'landed';
    if (newest === undefined && current.expect !== null) return { kind: 'conflict' };
    if (newest !== undefined && newest !== current.expect) {
      return { kind: 'exists', eid: newest, status: tables.runs.get(newest)!.status };
    }
  }
  if (insert && tables.runs.has(insert.eid)) return { kind: 'conflict' };
  return undefined;
}

/** A commit that folds its own row is known by its snapshot. */
function hasLanded(tables: Tables, eid: Eid, seq: number, commitId: CommitId): boolean {
  const row =
    tables.journal.get(eid)?.findLast(turn => turn.seq === seq) ??
    tables.snapshots.get(eid)?.findLast(segment => segment.from <= seq && seq <= segment.to);
  return row?.commitId === commitId;
}

function write(tables: Tables, actor: ActorCommit, commitId: CommitId): void {
  const { eid, journal, insert, prefix, update, snapshot, idempotency } = actor;
  if (insert) {
    tables.putRun(ownBytes(insert));
    if (prefix) {
      const segments = prefix.map(segment => ({ ...segment, turns: segment.turns.slice(), commitId }));
      tables.snapshots.set(insert.eid, segments);
    }
    if (actor.current) tables.current.set(addressKey(insert.namespace, insert.id), insert.eid);
  }
  if (update) tables.putRun(ownBytes({ ...tables.runs.get(eid)!, ...update }));
  if (journal) {
    const row = { seq: journal.seq, turn: journal.turn.slice(), commitId };
    const rows = tables.journal.get(eid);
    if (rows) rows.push(row);
    else tables.journal.set(eid, [row]);
  }
  if (snapshot) {
    const others = (tables.snapshots.get(eid) ?? []).filter(row => row.from !== snapshot.from);
    const row = { ...snapshot, turns: snapshot.turns.slice(), commitId };
    tables.snapshots.set(
      eid,
      [...others, row].sort((a, b) => a.from - b.from),
    );
    tables.journal.set(
      eid,
      (tables.journal.get(eid) ?? []).filter(turn => turn.seq < snapshot.from || turn.seq > snapshot.to),
    );
  }
  for (const key of actor.takes ?? []) tables.inbox.remove(key);
  for (const row of actor.sends ?? []) tables.inbox.add(row);
  for (const row of actor.accepts ?? []) if (!tables.inbox.has(row)) tables.inbox.add(row);
  if (idempotency) tables.idempotency.set(addressKey(idempotency.namespace, idempotency.key), { ...idempotency });
}

/** Callers may reuse the buffers that they encode into. */
function ownBytes(row: RunRow): RunRow {
  const own = <T extends Uint8Array>(bytes: T | null): T | null => (bytes === null ? null : (bytes.slice() as T));
  return { ...row, input: own(row.input), output: own(row.output), carry: own(row.carry) };
}
