import type { Actor } from '../actor/actor.ts';
import type { Millis } from '../time/duration.ts';
import { redeliverCalls } from './delivering.ts';
import type { EngineParts } from './parts.ts';
import type { Resident } from './residents.ts';
import { listColumns, wakeAtOf } from './turn-write.ts';

/** Brings the row of an idle actor up to date: what lists show, and wakeAt. `leave`: then it leaves memory. */
export function writeRow(parts: EngineParts, actor: Actor, leave: boolean): void {
  const { run } = actor.state;
  const resident = parts.residents.byEid(run.eid);
  const owned = parts.owned.get(run.shard);
  if (!owned || owned.resyncing || resident?.actor !== actor || actor.dropped) return;
  if (isBusy(actor)) {
    parts.resting.keep(actor);
    return;
  }
  const wakeAt = wakeAtOf(actor.state);
  if (!actor.stale && actor.wakeAt === wakeAt) {
    if (leave) leaveMemory(parts, resident, actor, wakeAt);
    return;
  }
  actor.committing = true;
  actor.wakeAt = wakeAt;
  actor.stale = false;
  parts.committer.write(
    run.namespace,
    {
      shard: run.shard,
      epoch: owned.epoch,
      eid: run.eid,
      prevSeq: actor.seq,
      update: { ...listColumns(actor), wakeAt },
    },
    verdict => {
      if (actor.dropped) return;
      actor.committing = false;
      if (verdict.kind !== 'done') return parts.lost(resident, verdict);
      if (leave) leaveMemory(parts, resident, actor, wakeAt);
      if (!actor.dropped) actor.settle();
    },
  );
  parts.committer.flush();
}

function isBusy(actor: Actor): boolean {
  return actor.committing || actor.queued || actor.mailbox.size > 0 || actor.hasEarlyMail || actor.onRoom !== null;
}

/** The actor leaves memory, unless the due scan may have passed its time already: then nobody would look again. */
function leaveMemory(parts: EngineParts, resident: Resident, actor: Actor, wakeAt: Millis | null): void {
  if (isBusy(actor) || (wakeAt !== null && wakeAt <= parts.options.dueScanned())) {
    parts.resting.keep(actor);
    return;
  }
  const waiting = actor.abandon();
  resident.actor = null;
  parts.resting.gone(actor);
  parts.bodies.leave(actor.state.run.eid);
  parts.suspects.left(actor.state.run.eid);
  parts.residents.remove(resident);
  if (wakeAt !== null) parts.options.passivated?.(wakeAt);
  redeliverCalls(parts, resident, waiting);
  actor.settle();
}
