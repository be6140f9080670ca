import type { Actor } from '../actor/actor.ts';
import { refuseAll } from '../actor/actor.ts';
import type { ActorCommit, CommitVerdict } from '../ports/store/commit.ts';
import { heldFor } from '../state/hold.ts';
import { unavailable } from './answers.ts';
import { standHeld } from './holding.ts';
import type { Resident } from './residents.ts';
import { idempotencyRow, mayReuse, undoStart, type StartHost, type StartInHand } from './starting.ts';

/** The first turn of a new execution cannot stand: it begins as held, if its id is free, and its caller hears of it then. */
export function holdStart(host: StartHost, resident: Resident, actor: Actor, start: StartInHand): void {
  const { parts } = host;
  const { options, committer } = parts;
  const { run } = actor.state;
  const owned = parts.owned.get(run.shard);
  const settle = (verdict: CommitVerdict) => {
    host.started.delete(resident);
    start.settle(verdict);
  };
  if (!owned) {
    refuseAll(resident.mail.splice(0), unavailable());
    return settle({ kind: 'fenced' });
  }
  actor.committing = true;
  const now = options.clock.now();
  const held = heldFor(actor.coroutine.fault!, options.build, now);
  const idempotency = idempotencyRow(start.request, run, now);
  const entry: ActorCommit = {
    shard: run.shard,
    epoch: owned.epoch,
    eid: run.eid,
    prevSeq: 0,
    insert: { ...run, held, wakeAt: 0 },
    current: { expect: start.expect },
    ...(idempotency ? { idempotency } : {}),
  };
  const answered = (verdict: CommitVerdict): void => {
    if (actor.dropped) return settle(verdict);
    if (verdict.kind === 'exists' && mayReuse(start.request, verdict.status)) {
      committer.write({ ...entry, current: { expect: verdict.eid } }, answered);
      return;
    }
    if (verdict.kind === 'done') {
      standHeld(parts, resident, actor, { held, eid: run.eid, first: run.first, seq: 0 });
    } else if (verdict.kind === 'exists' || verdict.kind === 'duplicate') undoStart(host, resident);
    else parts.lost(resident, verdict);
    settle(verdict);
  };
  committer.write(entry, answered);
  committer.flush();
}
