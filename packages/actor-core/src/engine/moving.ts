import type { Eid, Epoch, Incarnation, ShardId } from '../ids/ids.ts';
import type { TaskPending } from '../state/pending.ts';
import { isOpen } from '../execution/status.ts';
import { taskInHand } from '../state/receive/task-result.ts';
import type { AttemptOutcome } from '../task/attempt.ts';
import { ORDINARY, type Loss } from './activation.ts';
import { completion } from './bodies.ts';
import { noteFailures } from './failed-tasks.ts';
import type { EngineParts } from './parts.ts';
import type { HandedOver, OpenAttempt } from './remote-attempts.ts';
import { leaveShard } from './trouble.ts';
import { wake } from './waking.ts';

/**
 * Gives the shard up between two commits: what was on its way to the store has its answer, and what that let out is out,
 * bodies that it began among it. Then `ending` is told, its actors go, and `release` is given its last epoch and the
 * attempts in hand, here and where shards were before: bodies go on. Nothing of it is left to be written under this epoch.
 */
export function handOver(
  parts: EngineParts,
  shard: ShardId,
  ending: () => void,
  release: (epoch: Epoch, open: readonly HandedOver[]) => Promise<void>,
): Promise<void> {
  return parts.committer.exclusively(async () => {
    const owned = parts.owned.get(shard);
    if (!owned) return;
    const here = [...parts.bodies.ofShard(shard)].map(each => ({ ...each, at: parts.options.incarnation }));
    const elsewhere = [...parts.remote.ofShard(shard)];
    ending();
    leaveShard(parts, shard);
    await release(owned.epoch, [...here, ...elsewhere]);
  });
}

/** What the node that an outcome was offered to makes of it. */
export type Offered =
  /** It is, or will be, in a turn: `attemptSettled` tells when. */
  | 'taken'
  /** Nobody waits for it: it may be forgotten. */
  | 'moot'
  /** Not to be answered yet. */
  | 'later';

/** An attempt that runs at another node has ended, and this node owns its shard. */
export async function takeOffer(
  parts: EngineParts,
  shard: ShardId,
  { eid, command, attempt }: OpenAttempt,
  outcome: AttemptOutcome,
): Promise<Offered> {
  if (!parts.owned.has(shard) || parts.stopping) return 'later';
  const resident = parts.residents.byEid(eid);
  if (resident?.actor) {
    const { actor } = resident;
    if (!taskInHand(actor.state, command, attempt)) {
      // What the actor knows may not be durable yet: then it is asked again.
      return actor.committing || actor.queued || actor.turnInHand ? 'later' : 'moot';
    }
    actor.mailbox.put({ message: completion(command, attempt, outcome), inbox: null, reply: null });
    parts.ready(actor);
    return 'taken';
  }
  if (resident) {
    // A held execution takes it when it goes on.
    if (outcome.kind === 'failed') noteFailures(parts, resident, [command]);
    return 'later';
  }
  const [loaded] = await parts.options.store.load([eid]);
  if (!loaded || !isOpen(loaded.run.status)) return 'moot';
  void wake(parts, loaded.run.namespace, loaded.run.id, eid, ORDINARY);
  return 'later';
}

/** A node that lives has not these attempts. */
export function loseRemote(parts: EngineParts, lost: Iterable<OpenAttempt>): void {
  lose(parts, lost, { spared: true });
}

/** A node is gone for good. */
export function loseRemoteAt(parts: EngineParts, incarnation: Incarnation): void {
  lose(parts, [...parts.remote.at(incarnation)], { of: incarnation });
}

/**
 * Each attempt is lost, as in a crash, unless it came to nothing before. What was handed over is told for as long as the
 * shard is not given up again: a later attempt of the command may run by now.
 */
function lose(parts: EngineParts, lost: Iterable<OpenAttempt>, loss: Loss): void {
  const runs = new Map<Eid, OpenAttempt[]>();
  for (const { eid, command } of lost) {
    const remote = parts.remote.take(eid, command);
    if (!remote) continue;
    const known = runs.get(eid);
    if (known) known.push(remote);
    else runs.set(eid, [remote]);
  }
  for (const [eid, attempts] of runs) void loseOf(parts, eid, attempts, loss);
}

async function loseOf(parts: EngineParts, eid: Eid, attempts: readonly OpenAttempt[], loss: Loss): Promise<void> {
  const resident = parts.residents.byEid(eid);
  const actor = resident?.actor;
  if (actor) {
    const pending = attempts
      .filter(({ command, attempt }) => taskInHand(actor.state, command, attempt))
      .map(({ command }) => command);
    if (pending.length === 0) return;
    const crash = { kind: 'crash', at: 0, commands: pending, ...loss } as const;
    parts.metering?.losing(crash, new Map(pending.map(n => [n, (actor.state.pending.get(n) as TaskPending).name])));
    actor.mailbox.put({ message: crash, inbox: null, reply: null });
    return parts.ready(actor);
  }
  // Whoever reads it finds that nobody has the attempts in hand.
  if (resident) return;
  const { store, clock, log } = parts.options;
  for (;;) {
    try {
      const [loaded] = await store.load([eid]);
      if (!loaded || !isOpen(loaded.run.status) || parts.stopping) return;
      return await wake(parts, loaded.run.namespace, loaded.run.id, eid, { crashed: true, retry: false, loss });
    } catch (error) {
      log.write('warn', 'an execution whose attempt was lost could not be read', { error: String(error) });
      await new Promise<void>(resolve => clock.setTimer(clock.now() + RETRY_MS, resolve));
      if (parts.stopping) return;
    }
  }
}

const RETRY_MS = 250;
