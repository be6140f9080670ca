import type { Coroutine } from '../actor/coroutine.ts';
import type { RunPatch, RunRow } from '../execution/execution.ts';
import type { Epoch } from '../ids/ids.ts';
import { encodeCarry } from '../journal/carry.ts';
import type { ActorCommit } from '../ports/store/commit.ts';
import { carryOn } from '../state/carry.ts';
import type { RunState } from '../state/state.ts';
import type { EngineParts } from './parts.ts';
import type { Resident } from './residents.ts';
import { nextRun } from './starting.ts';

/** The row of the next run; null where the run does not continue as new. */
export function nextRow(parts: EngineParts, state: RunState): RunRow | null {
  if (state.ending?.status !== 'continued-as-new') return null;
  const { version, input } = state.ending;
  const carried = carryOn(state);
  return nextRun(parts, state.run, version ?? state.run.version, {
    input,
    carry: carried && encodeCarry(carried),
    attributes: state.attributes,
    details: state.details,
  });
}

/**
 * Ends a run and begins the next, with nothing to journal: the second commit of a run that continues as new in its
 * first turn, since one commit inserts one run.
 */
export function continuation(run: RunRow, seq: number, epoch: Epoch, next: RunRow, columns: RunPatch): ActorCommit {
  const update: RunPatch = { ...columns, status: 'continued-as-new', closedAt: next.startedAt, wakeAt: null };
  return { shard: run.shard, epoch, eid: run.eid, prevSeq: seq, update, insert: next, current: { expect: run.eid } };
}

/** The node died between the two commits of a run that continued as new in its first turn. */
export function finishContinuing(
  parts: EngineParts,
  resident: Resident,
  { state }: Coroutine,
  seq: number,
  goOn: () => void,
): void {
  const owned = parts.owned.get(state.run.shard);
  const next = nextRow(parts, state);
  if (!owned || !next) return;
  parts.committer.write(continuation(state.run, seq, owned.epoch, next, {}), verdict => {
    if (!parts.residents.has(resident)) return;
    if (verdict.kind !== 'done') return parts.lost(resident, verdict);
    parts.residents.renumber(resident, next.eid);
    goOn();
  });
  parts.committer.flush();
}
