import type { Actor } from '../actor/actor.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Eid } from '../ids/ids.ts';
import { ON_ERROR } from '../state/hold.ts';
import type { EngineParts } from './parts.ts';
import { forgetBody } from './release.ts';
import type { Resident } from './residents.ts';

/**
 * Tasks whose failure an execution that its onError held has not taken for their answer. The row says which, since
 * nothing of that is journaled: to whoever finds them begun and not in hand they would seem to be lost with their node.
 */
export type FailedTasks = readonly number[];

/** Of an actor that its onError holds: what failed in the turn that is given up, or is told in its mail. */
export function failedIn(actor: Actor): FailedTasks {
  const messages = [...(actor.turnInHand?.messages ?? []), ...actor.mailbox.waiting().map(({ message }) => message)];
  return messages.flatMap(message => {
    if (message.kind === 'task-failed') return [message.command];
    // Those that have attempts left begin anew in any case.
    return message.kind === 'crash' ? message.commands.filter(n => !actor.state.pending.has(n)) : [];
  });
}

/** Those that begin when a held run goes on. */
export function failedOf(parts: EngineParts, { eid, held }: Pick<RunRow, 'eid' | 'held'>): FailedTasks {
  // What failed a moment ago may not be told yet.
  const late = held?.code === ON_ERROR ? parts.bodies.failed(eid) : [];
  return merged(held?.failed, late);
}

/** The row says that they failed, or that they run again: what came of them is kept no longer, wherever they ran. */
export function forgetFailures(parts: EngineParts, eid: Eid, failed: FailedTasks = []): void {
  for (const command of failed) forgetBody(parts, eid, command);
}

/** More tasks of a run that its onError holds have failed: here, and `elsewhere`. */
export function noteFailures(parts: EngineParts, resident: Resident, elsewhere: FailedTasks = []): void {
  const before = resident.held;
  const owned = parts.owned.get(resident.shard);
  if (before?.held.code !== ON_ERROR || !owned || owned.resyncing) return;
  const { eid, seq } = before;
  const failed = merged(before.held.failed, [...parts.bodies.failed(eid), ...elsewhere]);
  if (failed.length === (before.held.failed?.length ?? 0)) return;
  const held = { ...before.held, failed };
  resident.held = { ...before, held };
  parts.committer.write(
    resident.namespace,
    { shard: owned.shard, epoch: owned.epoch, eid, prevSeq: seq, update: { held } },
    verdict => {
      if (verdict.kind !== 'done') return parts.lost(resident, verdict);
      // Once it goes on they may be in hand again.
      if (resident.held) forgetFailures(parts, eid, failed);
    },
  );
  parts.committer.flush();
}

export function merged(some: FailedTasks = [], more: FailedTasks = []): FailedTasks {
  return [...new Set([...some, ...more])];
}
