import { endStart } from './starting.ts';
import { refuseAll } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { shardOfKey } from '../ids/address.ts';
import type { ShardId } from '../ids/ids.ts';
import { activate, ORDINARY } from './activation.ts';
import { unavailable } from './answers.ts';
import type { WriteVerdict } from './committer.ts';
import { countOpen } from './counting.ts';
import { redeliverCalls } from './delivering.ts';
import type { EngineParts, OwnedShard } from './parts.ts';
import { newResident, type Resident } from './residents.ts';

const RETRY_MS = 100;

/** The store refused a write for a reason that memory does not know of. */
export function lose(parts: EngineParts, resident: Resident, verdict: WriteVerdict): void {
  // Dropped since: the answer is to a write under an earlier epoch.
  if (!parts.residents.has(resident)) return;
  if (verdict.kind === 'fenced') {
    disown(parts, resident.shard);
    return parts.options.fenced(resident.shard);
  }
  if (verdict.kind === 'refused') return refusedForGood(parts, resident, verdict.message);
  parts.options.log.write('error', 'the store has another history than memory: the shard is read anew', {
    shard: resident.shard,
    executionId: resident.id,
    verdict: verdict.kind,
  });
  void resync(parts, resident.shard);
}

/** The store works, and does not take this: its execution is held, the others go on. */
function refusedForGood(parts: EngineParts, { id, namespace, actor }: Resident, message: string): void {
  parts.options.log.write('error', 'the store refuses a write for good', {
    namespace,
    executionId: id,
    error: message,
  });
  if (!actor) return;
  actor.coroutine.fault = new DfnsError('INTERNAL', `The store does not take what the execution writes: ${message}`);
  parts.faulted(actor);
}

/** The shard is another's, who knows since when: what this node wrote last may be there, and was not told. */
export function disown(parts: EngineParts, shard: ShardId): void {
  parts.changes?.missed();
  leaveShard(parts, shard);
}

/** The shard's actors go, its callers try elsewhere. Bodies in hand are left alone. */
export function leaveShard(parts: EngineParts, shard: ShardId): void {
  parts.owned.delete(shard);
  parts.remote.dropShard(shard);
  parts.metering?.disowned(shard);
  parts.tracing?.disowned(shard);
  for (const resident of parts.residents.ofShard(shard)) refuseAll(dropResident(parts, resident), unavailable());
  const { shards } = parts.options;
  parts.callers.failWhere(key => shardOfKey(key, shards) === shard, unavailable());
}

/**
 * Epoch + 1 in the commit lane, after all that was on its way; all actors of the shard are read anew, with due and
 * inbox. The one way out of Conflict and AlreadyTaken.
 */
async function resync(parts: EngineParts, shard: ShardId): Promise<void> {
  const owned = parts.owned.get(shard);
  if (!owned || owned.resyncing) return;
  const dropped = [...parts.residents.ofShard(shard)].map(resident => ({
    resident,
    mail: dropResident(parts, resident),
  }));
  // The history that the store has was not told.
  parts.changes?.missed();
  owned.resyncing = parts.committer.exclusively(() => raiseEpoch(parts, owned));
  for (const { resident, mail } of dropped) redeliverCalls(parts, resident, mail);
  await owned.resyncing;
  owned.resyncing = null;
  if (parts.stopping) return;
  if (parts.owned.get(shard) !== owned) return;
  void countOpen(parts, [shard]);
  // Those that were started meanwhile waited for their first turn.
  for (const { actor } of parts.residents.ofShard(shard)) if (actor) parts.ready(actor);
  for (const { resident } of dropped) {
    const { namespace, id, eid } = resident;
    if (parts.residents.at(namespace, id)) continue;
    const again = newResident(namespace, id, shard);
    again.eid = eid;
    void activate(parts, again, ORDINARY);
  }
}

/** Gives the shard up where the store says that it is another's. */
async function raiseEpoch(parts: EngineParts, owned: OwnedShard): Promise<void> {
  const { store, incarnation, log, clock } = parts.options;
  while (!parts.stopping && parts.owned.get(owned.shard) === owned) {
    try {
      const epoch = await store.resync(owned.shard, owned.epoch, incarnation);
      if (epoch !== undefined) owned.epoch = epoch;
      else if (parts.owned.get(owned.shard) === owned) {
        disown(parts, owned.shard);
        parts.options.fenced(owned.shard);
      }
      return;
    } catch (error) {
      log.write('warn', 'a shard could not be read anew yet', { shard: owned.shard, error: String(error) });
      await new Promise<void>(resolve => clock.setTimer(clock.now() + RETRY_MS, resolve));
    }
  }
}

/** The resident's memory goes; gives back what waited for it. A start in hand that was not sent is over. */
export function dropResident(parts: EngineParts, resident: Resident): Delivery[] {
  const { actor } = resident;
  parts.residents.remove(resident);
  const { start } = resident;
  if (start && !actor?.committing) {
    endStart(parts, resident);
    start.settle({ kind: 'fenced' });
  } else if (start) parts.aside.add(resident);
  const mail = [...(actor?.abandon() ?? []), ...resident.mail.splice(0)];
  resident.actor = null;
  resident.loading = false;
  if (actor) {
    parts.resting.gone(actor);
    parts.bodies.leave(actor.state.run.eid);
    parts.suspects.left(actor.state.run.eid);
  }
  for (const settled of resident.settled.splice(0)) settled();
  actor?.settle();
  return mail;
}
