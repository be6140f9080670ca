import type { ActorCommit, CommitBatch, CommitVerdict, InboxRow, JournalRow } from '@dfnsjs/actor-core/ports';
import {
  addressKey,
  type Command,
  decodeMessage,
  decodeTurn,
  type Eid,
  isOpen,
  joinRows,
  type Message,
  type RunRow,
  type Turn,
} from '@dfnsjs/actor-core/records';
import { Violation } from './violation.ts';

/** A run as the store has it. */
export interface RunHistory {
  row: RunRow;
  readonly turns: Turn[];
  readonly bytes: Uint8Array[];
  readonly commands: Command[];
}

export interface LandedTurn {
  readonly run: RunHistory;
  readonly turn: Turn;
  readonly entry: ActorCommit;
}

/**
 * What is committed, kept beside the store from what lands there: one history a run, without gaps, with no turn after
 * its end, written once.
 */
export class Histories {
  readonly runs = new Map<Eid, RunHistory>();
  readonly byRunId = new Map<string, RunHistory>();
  /** All runs of an address, oldest first. */
  readonly byAddress = new Map<string, RunHistory[]>();
  /** Rows that wait. */
  readonly inbox = new Map<string, InboxRow>();
  /** Every message between executions that was ever committed. */
  readonly sent = new Set<string>();
  /** Clients' messages that became rows. */
  readonly accepted = new Set<string>();
  turns = 0;
  /** A run began with a part of another one's journal. */
  onGoingOn: ((from: RunHistory, to: RunHistory) => void) | null = null;

  landed(batch: CommitBatch, verdicts: readonly CommitVerdict[]): LandedTurn[] {
    const fresh: LandedTurn[] = [];
    for (const [i, entry] of batch.actors.entries()) {
      if (verdicts[i]?.kind !== 'done') continue;
      const turn = this.#entry(entry);
      if (turn) fresh.push(turn);
    }
    return fresh;
  }

  /** A client's message became a row without a commit of its receiver's owner: whoever sent it is not told so. */
  put(row: InboxRow): void {
    this.inbox.set(inboxKey(row), row);
  }

  ofId(namespace: string, id: string): readonly RunHistory[] {
    return this.byAddress.get(addressKey(namespace, id)) ?? [];
  }

  #entry(entry: ActorCommit): LandedTurn | undefined {
    const known = this.runs.get(entry.eid);
    const { journal } = entry;
    const again = journal && known && journal.seq <= known.turns.length;
    if (again) {
      if (!sameBytes(known.bytes[journal.seq - 1]!, journal.turn)) {
        throw new Violation('history', `Turn ${journal.seq} of run ${entry.eid} was written twice, and differently.`);
      }
      return undefined;
    }
    // One that has no turn, and had landed before, is known by its new run: nothing of it is written.
    if (!journal && entry.insert && this.runs.has(entry.insert.eid)) return undefined;
    if (entry.insert && !this.runs.has(entry.insert.eid)) {
      const next = this.#insert(entry.insert, joinRows([], entry.prefix ?? []));
      if (known && entry.insert.lineage !== null) this.onGoingOn?.(known, next);
    }
    const run = this.runs.get(entry.eid);
    for (const key of entry.takes ?? []) {
      if (!this.inbox.delete(inboxKey(key)) && journal) {
        throw new Violation('exactly-once', `Run ${entry.eid} took a message that is not in its inbox.`);
      }
    }
    for (const row of entry.sends ?? []) {
      this.inbox.set(inboxKey(row), row);
      this.sent.add(inboxKey(row));
    }
    for (const row of entry.accepts ?? []) {
      this.inbox.set(inboxKey(row), row);
      const message = decodeMessage(row.message);
      if ('id' in message && message.id !== null) this.accepted.add(message.id);
    }
    if (!run) return undefined;
    const wasOpen = isOpen(run.row.status) || entry.insert?.eid === entry.eid;
    if (entry.update) run.row = { ...run.row, ...entry.update };
    if (!journal) return undefined;
    if (!wasOpen) throw new Violation('history', `Run ${entry.eid} got turn ${journal.seq} after its end.`);
    if (journal.seq !== run.turns.length + 1 || entry.prevSeq !== run.turns.length) {
      throw new Violation('history', `Run ${entry.eid} has ${run.turns.length} turns and got turn ${journal.seq}.`);
    }
    const turn = decodeTurn(journal.seq, journal.turn);
    this.#assertOrder(run, turn.messages);
    run.turns.push(turn);
    run.bytes.push(journal.turn.slice());
    run.commands.push(...turn.commands);
    this.turns++;
    return { run, turn, entry };
  }

  #insert(row: RunRow, prefix: readonly JournalRow[]): RunHistory {
    const key = addressKey(row.namespace, row.id);
    const chain = this.byAddress.get(key) ?? [];
    const turns = prefix.map(({ seq, turn }) => decodeTurn(seq, turn));
    const commands = turns.flatMap(turn => turn.commands);
    const history: RunHistory = { row, turns, bytes: prefix.map(({ turn }) => turn), commands };
    this.byAddress.set(key, [...chain, history]);
    this.runs.set(row.eid, history);
    this.byRunId.set(row.runId, history);
    return history;
  }

  #assertOrder(run: RunHistory, messages: readonly Message[]): void {
    let at = run.turns.at(-1)?.messages.at(-1)?.at ?? 0;
    for (const message of messages) {
      if (message.at < at)
        throw new Violation('history', `Time of run ${run.row.eid} went back from ${at} to ${message.at}.`);
      at = message.at;
    }
    // One that was held before its code ran is ended by a `terminate` alone.
    if (run.turns.length === 0 && messages[0]?.kind !== 'start' && messages[0]?.kind !== 'terminate') {
      throw new Violation('history', `The first message of run ${run.row.eid} is no start.`);
    }
  }
}

export function inboxKey(key: Pick<InboxRow, 'shard' | 'receiver' | 'accepted' | 'sender' | 'number'>): string {
  return `${key.shard}/${key.receiver}/${key.accepted}/${key.sender}/${key.number}`;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}
