import type { Actor, TurnInHand } from '../actor/actor.ts';
import type { RunPatch, RunRow } from '../execution/execution.ts';
import type { Epoch } from '../ids/ids.ts';
import { encodeTurn } from '../journal/record.ts';
import type { ActorCommit } from '../ports/store/commit.ts';
import type { RunState } from '../state/state.ts';
import type { Millis } from '../time/duration.ts';

/** What a commit needs to know beside the actor. */
export interface WriteContext {
  readonly epoch: Epoch;
  readonly build: string;
  /** A new run of the execution, where the turn continues as new. */
  readonly next: RunRow | null;
  /** Of a run whose row is not there yet. */
  readonly opening: Pick<ActorCommit, 'current' | 'idempotency'> | null;
}

/**
 * When an owner must look at the run next: 0 while something is in hand that no stored message or timer brings, else
 * its earliest timer. See DESIGN §3, wakeAt.
 */
export function wakeAtOf(state: RunState): Millis | null {
  if (state.ending) return null;
  return state.inHand > 0 || !state.begun ? 0 : state.nextDue();
}

/**
 * The new wakeAt where the row must be written with this very turn; undefined where the stored one still does: 0 stays
 * until a later write of the row, and a timer further away is found when the earlier one is looked at.
 */
export function urgentWakeAt(
  stored: Millis | null,
  state: RunState,
  effects: TurnInHand['effects'],
): Millis | undefined {
  if (stored === 0) return undefined;
  if (state.inHand > 0) return 0;
  let earliest = state.timedOut && state.cleanupDeadline !== null ? state.cleanupDeadline : Infinity;
  for (const effect of effects) {
    if (effect.kind === 'arm' && effect.due < earliest && state.pending.has(effect.pending.n)) earliest = effect.due;
  }
  return earliest < (stored ?? Infinity) ? earliest : undefined;
}

/** The columns that lists and describe show, as of now. */
export function listColumns(actor: Actor): RunPatch {
  const { state } = actor;
  return {
    waiting: state.ending ? null : state.waiting(),
    turns: actor.seq,
    bytes: actor.bytes,
    lastError: state.lastError,
  };
}

/** The commit of a turn. Updates `actor.wakeAt` and `actor.bytes` to what it stores. */
export function turnWrite(actor: Actor, turn: TurnInHand, context: WriteContext): ActorCommit {
  const { state } = actor;
  const { run } = state;
  const bytes = encodeTurn({
    seq: turn.seq,
    messages: turn.messages,
    commands: turn.commands,
    traceparent: turn.traceparent,
  });
  actor.bytes += bytes.byteLength;
  const journal = { seq: turn.seq, turn: bytes };
  if (isPlain(actor, turn)) {
    return { shard: run.shard, epoch: context.epoch, eid: run.eid, prevSeq: actor.seq, journal };
  }
  const base = {
    shard: run.shard,
    epoch: context.epoch,
    eid: run.eid,
    prevSeq: actor.seq,
    journal,
    ...(turn.takes.length > 0 ? { takes: turn.takes } : {}),
    ...(turn.sends.length > 0 ? { sends: turn.sends } : {}),
  };
  if (actor.wakeAt === undefined) {
    actor.wakeAt = wakeAtOf(state);
    const row: RunRow = {
      ...run,
      ...closing(actor, turn),
      wakeAt: actor.wakeAt,
      attributes: state.attributes,
      details: state.details,
    };
    return { ...base, insert: row, current: { expect: null }, ...context.opening };
  }
  if (state.ending) {
    actor.wakeAt = null;
    const update: RunPatch = {
      ...closing(actor, turn),
      ...changedColumns(state),
      ...(actor.unhold ? { held: null } : {}),
      wakeAt: null,
      build: context.build,
    };
    if (!context.next) return { ...base, update };
    return { ...base, update, insert: context.next, current: { expect: run.eid } };
  }
  const urgent = urgentWakeAt(actor.wakeAt, state, turn.effects);
  if (urgent === undefined && !state.rowChanged && !actor.unhold) return base;
  actor.wakeAt = urgent ?? wakeAtOf(state);
  const update: RunPatch = {
    ...changedColumns(state),
    ...(actor.unhold ? { held: null } : {}),
    wakeAt: actor.wakeAt,
    build: context.build,
  };
  return { ...base, update };
}

/** Only a journal row: so it is with nearly every turn. */
function isPlain(actor: Actor, turn: TurnInHand): boolean {
  const { state } = actor;
  return (
    actor.wakeAt === 0 &&
    !state.ending &&
    !state.rowChanged &&
    !actor.unhold &&
    turn.takes.length === 0 &&
    turn.sends.length === 0
  );
}

function changedColumns(state: RunState): RunPatch {
  return state.rowChanged ? { attributes: state.attributes, details: state.details } : {};
}

function closing(actor: Actor, turn: TurnInHand): RunPatch {
  const { ending, at } = actor.state;
  if (!ending) return {};
  return {
    status: ending.status,
    closedAt: at,
    output: ending.status === 'continued-as-new' ? null : ending.output,
    waiting: null,
    turns: turn.seq,
    bytes: actor.bytes,
    lastError: actor.state.lastError,
  };
}
