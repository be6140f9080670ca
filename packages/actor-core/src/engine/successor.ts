import { BOUNDS } from '../bounds.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import { decodeLineage, encodeLineage, type Lineage } from '../execution/lineage.ts';
import type { RunId } from '../ids/ids.ts';
import { decodeCarry, encodeCarry } from '../journal/carry.ts';
import { decodeTurn, encodeTurn } from '../journal/record.ts';
import type { JournalRow, SnapshotRow } from '../journal/rows.ts';
import { foldRows, joinRows } from '../journal/snapshot.ts';
import type { Turn } from '../journal/turn.ts';
import type { Message, ResetMessage } from '../message/message.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import { replay } from '../replay/replay.ts';
import type { Cut } from '../state/failure-cut.ts';
import { keptTurns, messagesAgain, turnsBefore } from '../state/reset.ts';
import type { RunState } from '../state/state.ts';
import { newCoroutine } from './birth.ts';
import type { EngineParts, OwnedShard } from './parts.ts';
import { acceptedRow } from './stamp.ts';

/** What an execution has sent to others, over all its runs. */
type Sent = Required<Pick<ResetMessage, 'sends' | 'lastAccepted'>>;

/** A run that goes on from a prefix of another one's journal. */
export interface Successor {
  readonly run: RunRow;
  /** Its journal so far. */
  readonly prefix: readonly SnapshotRow[];
  /** The rows of what it takes first: that it is another run, and what the other one was sent after the cut. */
  again(owned: OwnedShard): readonly InboxRow[];
}

/**
 * The run that follows on another one's journal before a cut. The kept part is run through today's code, which must do
 * what it did then; NON_DETERMINISM where it does not, UNKNOWN_WORKFLOW where it is not registered.
 */
export async function successorOf(
  parts: EngineParts,
  loaded: LoadedRun,
  cut: Cut,
  kind: Lineage['kind'],
): Promise<Successor> {
  const { options } = parts;
  const { run } = loaded;
  const workflow = options.workflows.get(run.workflow, run.version);
  if (!workflow) {
    throw new DfnsError(
      'UNKNOWN_WORKFLOW',
      `Workflow "${run.workflow}", version ${run.version}, is not registered here.`,
    );
  }
  const rows = joinRows(loaded.journal, loaded.snapshots);
  const turns = rows.map(row => decodeTurn(row.seq, row.turn));
  const before = turnsBefore(turns, cut);
  const coroutine = newCoroutine(options, run, workflow);
  await replay(coroutine, before.turns, options.clock, workflow.cleanupTimeoutMs, before.isPartial);
  const { state } = coroutine;
  const kept = keptTurns(turns, cut, state.issued);
  const now = options.clock.now();
  const runId = options.chance.uuid() as RunId;
  const seed = Math.floor(options.chance.random() * Number.MAX_SAFE_INTEGER);
  const origin = run.lineage === null ? run.runId : decodeLineage(run.lineage).origin;
  const isNew = kept.length === 0;
  const sent = sentInAll(state, turns, cut);
  const next: RunRow = {
    ...run,
    eid: parts.numbers.next('chain'),
    runId,
    build: options.build,
    status: 'running',
    // Later than the one it follows, whatever the clock says: runs of an execution are in this order.
    startedAt: Math.max(now, run.startedAt + 1),
    closedAt: null,
    wakeAt: 0,
    seed: isNew ? seed : run.seed,
    lineage: encodeLineage({ kind, from: run.runId, turns: kept.length, origin: isNew ? runId : origin }),
    held: null,
    carry: isNew ? carryOf(run, sent) : run.carry,
    attributes: isNew ? attributesAtStart(turns) : state.attributes,
    details: isNew ? null : state.details,
    deadline: workflow.timeoutMs === undefined ? null : now + workflow.timeoutMs,
    runDeadline: workflow.runTimeoutMs === undefined ? null : now + workflow.runTimeoutMs,
    output: null,
    waiting: null,
    turns: kept.length,
    bytes: 0,
    lastError: null,
  };
  const prefix = segments(kept.map((turn, i) => (i < cut.turn ? rows[i]! : rowOf(turn))));
  const keepsKeys = kind === 'retry';
  const reset: ResetMessage = { kind: 'reset', at: now, runId, seed, ...sent, keepsKeys };
  const messages = messagesAgain(turns, cut, {
    issued: state.issued,
    keepsResults: keepsKeys,
    attemptOf: command => {
      const pending = state.pending.get(command);
      return pending?.kind === 'task' ? pending.attempt : undefined;
    },
  });
  const first: Message[] = isNew ? [] : [reset];
  return {
    run: next,
    prefix,
    again: owned => [...first, ...messages].map(message => acceptedRow(owned, run.first, message, now)),
  };
}

/** Of a run that begins anew no journal says what was sent before it. */
function carryOf({ carry }: RunRow, sent: Sent): RunRow['carry'] {
  if (sent.sends === 0) return carry;
  const { signals, known } = carry ? decodeCarry(carry) : { signals: [], known: [] };
  return encodeCarry({ ...sent, signals, known });
}

function rowOf(turn: Turn): JournalRow {
  return { seq: turn.seq, turn: encodeTurn(turn) };
}

function segments(rows: readonly JournalRow[]): SnapshotRow[] {
  const folded: SnapshotRow[] = [];
  let group: JournalRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (group.length > 0 && bytes + row.turn.byteLength > BOUNDS.foldBytes) {
      folded.push(foldRows(group));
      group = [];
      bytes = 0;
    }
    group.push(row);
    bytes += row.turn.byteLength;
  }
  if (group.length > 0) folded.push(foldRows(group));
  return folded;
}

function attributesAtStart(turns: readonly Turn[]): RunRow['attributes'] {
  const start = turns[0]?.messages[0];
  return start?.kind === 'start' ? start.attributes : null;
}

function sentInAll(state: RunState, turns: readonly Turn[], cut: Cut): Sent {
  let { sends, lastAccepted } = state;
  for (const [i, { messages }] of turns.entries()) {
    if (i < cut.turn) continue;
    for (const message of i === cut.turn ? messages.slice(cut.message) : messages) {
      if (message.kind === 'sent' && message.error === null) sends++;
      else if (message.kind === 'reset') sends = Math.max(sends, message.sends);
      if ('lastAccepted' in message) lastAccepted = Math.max(lastAccepted, message.lastAccepted);
      if ('accepted' in message) lastAccepted = Math.max(lastAccepted, message.accepted);
    }
  }
  return { sends, lastAccepted };
}
