import type { Actor, TurnInHand } from '../actor/actor.ts';
import { acceptAll, refuseAll } from '../actor/actor.ts';
import { BOUNDS } from '../bounds.ts';
import { cancelledError } from '../state/cancel.ts';
import type { Effect } from '../state/effect.ts';
import type { TaskPending } from '../state/pending.ts';
import { unavailable } from './answers.ts';
import type { Eid, ShardId } from '../ids/ids.ts';
import type { EngineParts } from './parts.ts';
import { sendNext } from './sending.ts';
import { watchOf } from './watching.ts';

/** How soon a body is begun after all that had to wait for the lease. */
const NOT_SURE_MS = 100;

/** Everything a turn asked for, now that it is durable: bodies, timers, messages, answers. */
export function releaseTurn(parts: EngineParts, actor: Actor, turn: TurnInHand): void {
  const { effects } = turn;
  for (let i = 0; i < effects.length; i++) releaseEffect(parts, actor, effects[i]!);
  // What needed no commit is only said by a node that still serves the shard.
  if (turn.messages.length > 0 || parts.options.serves(actor.state.run.shard)) {
    acceptAll(turn.deliveries);
    for (const { delivery, error } of turn.refusals) delivery.reply?.refused(error);
  } else {
    refuseAll(turn.deliveries, unavailable());
    for (const { delivery } of turn.refusals) delivery.reply?.refused(unavailable());
  }
  if (turn.sends.length > 0) parts.options.deliver(turn.sends, actor.state.run.shard);
  armDeadlines(parts, actor);
}

/**
 * Of a turn that became durable after its actor was dropped, what nobody else will ever tell: whoever reads the run back
 * finds its bodies, timers and end in the journal, but neither who waits for an answer nor who has a message.
 */
export function releaseOrphan(parts: EngineParts, turn: TurnInHand, shard: ShardId): void {
  for (const effect of turn.effects) {
    if (effect.kind === 'answer-update') parts.callers.answered(effect.id, effect.outcome);
  }
  if (turn.sends.length > 0) parts.options.deliver(turn.sends, shard);
}

function releaseEffect(parts: EngineParts, actor: Actor, effect: Effect): void {
  const { eid } = actor.state.run;
  switch (effect.kind) {
    case 'run-task':
      return beginTask(parts, actor, effect.task);
    case 'forget-body':
      return forgetBody(parts, eid, effect.command);
    case 'abort-task':
      abortBody(parts, actor, effect.command, cancelledError(effect.why));
      if (!parts.suspects.isEmpty) parts.suspects.ended(eid, effect.command);
      return;
    case 'arm':
      return armWait(parts, actor, effect.pending.n, effect.due);
    case 'send':
      return sendNext(parts, actor, effect.send);
    case 'answer-update':
      return parts.callers.answered(effect.id, effect.outcome);
  }
}

/** What came of the command's attempt is durable. */
export function forgetBody(parts: EngineParts, eid: Eid, command: number): void {
  parts.bodies.forget(eid, command);
  if (parts.remote.size > 0) settleRemote(parts, eid, command);
  if (!parts.suspects.isEmpty) parts.suspects.ended(eid, command);
}

/** Its outcome is durable: the node where it ran need not keep it. */
function settleRemote(parts: EngineParts, eid: Eid, command: number): void {
  const remote = parts.remote.take(eid, command);
  if (remote) parts.options.attemptSettled?.(remote.at, remote);
}

function abortBody(parts: EngineParts, actor: Actor, command: number, reason: Error): void {
  const { namespace, eid } = actor.state.run;
  const watch = parts.metering ? parts.bodies.watchOf(eid, command) : null;
  parts.bodies.abort(eid, command, reason);
  const remote = parts.remote.size > 0 ? parts.remote.take(eid, command) : undefined;
  if (remote) parts.options.abortAttempt?.(remote.at, remote);
  if (watch) parts.metering?.attemptCancelled(namespace, watch);
}

/** Rings a wait's due time into the mailbox. */
export function armWait(parts: EngineParts, actor: Actor, command: number, due: number): void {
  const pending = actor.state.pending.get(command);
  if (!pending || pending.alarm) return;
  pending.alarm = parts.timers.set(due, () => {
    pending.alarm = null;
    parts.metering?.timerRang(due);
    actor.mailbox.put({ message: { kind: 'timer', at: due, command }, inbox: null, reply: null });
    parts.ready(actor);
  });
}

/** Starts the attempt that is due, or sets the clock for it. */
export function beginTask(parts: EngineParts, actor: Actor, task: TaskPending): void {
  const { state } = actor;
  if (!state.pending.has(task.n) || actor.dropped) return;
  // What is journaled as begun is begun: whoever finds it so, and not in hand, takes it for lost.
  if (isEnding(parts) && !task.started) return;
  if (parts.remote.size > 0 && parts.remote.has(state.run.eid, task.n, task.attempt)) return;
  if (task.retryAt !== null && task.retryAt > parts.options.clock.now()) {
    task.alarm?.cancel();
    task.alarm = parts.timers.set(task.retryAt, () => {
      task.alarm = null;
      beginTask(parts, actor, task);
    });
    return;
  }
  if (!task.started && task.crashes >= BOUNDS.crashesBeforeSuspect) {
    const { n: command, crashes, begunAt } = task;
    const begin = () => journalStart(parts, actor, task);
    return parts.suspects.add({ eid: state.run.eid, command, crashes, begunAt, begin });
  }
  if (!task.started && runsOnce(task) && !parts.bodies.has(state.run.eid, task.n)) {
    return journalStart(parts, actor, task);
  }
  startBody(parts, actor, task);
}

const isEnding = ({ stopping, draining }: EngineParts): boolean => stopping || draining;

/** Begins the attempt once it is durable that it did. */
function journalStart(parts: EngineParts, actor: Actor, task: TaskPending): void {
  if (isEnding(parts)) return;
  actor.mailbox.put({ message: { kind: 'task-started', at: 0, command: task.n }, inbox: null, reply: null });
  parts.ready(actor);
}

/** At most once: that it began is journaled before, so that whoever finds it begun and not in hand knows it is lost. */
export function runsOnce(task: TaskPending): boolean {
  return task.policy.retry.maxAttempts === 1;
}

function startBody(parts: EngineParts, actor: Actor, task: TaskPending): void {
  const { options } = parts;
  const { run } = actor.state;
  if (parts.stopping || (parts.draining && !task.started)) return;
  // Checked in the same tick as the body begins: a node without its lease starts nothing.
  if (!options.serves(run.shard)) return beginLater(parts, actor, task);
  task.retryAt = null;
  actor.surroundings ??= {
    run,
    deps: options.deps,
    log: options.log,
    threads: options.threads ?? null,
    around: options.aroundTasks ?? null,
    now: () => options.clock.now(),
    timer: (at, ring) => parts.timers.set(at, ring),
    watch: watchOf(parts, run),
    standIn: options.standIn,
  };
  options.stage?.enterBody(run.eid, task.n);
  parts.bodies.ensure(run.eid, task, actor.surroundings);
  if (!parts.suspects.isEmpty) parts.suspects.begun(run.eid, task.n);
  options.stage?.leave();
}

/** A lease that could not be renewed in time may be renewed yet; if it is lost, the actor goes and its alarms with it. */
function beginLater(parts: EngineParts, actor: Actor, task: TaskPending): void {
  if (!parts.owned.has(actor.state.run.shard)) return;
  task.alarm?.cancel();
  task.alarm = parts.timers.set(parts.options.clock.now() + NOT_SURE_MS, () => {
    task.alarm = null;
    beginTask(parts, actor, task);
  });
}

/** The timeouts of execution and run, and of cleaning up after one. */
export function armDeadlines(parts: EngineParts, actor: Actor): void {
  const { state } = actor;
  if (state.ending || (state.run.deadline === null && state.run.runDeadline === null)) return;
  const ring = (at: number, of: 'execution' | 'run' | 'cleanup') =>
    parts.timers.set(at, () => {
      actor.mailbox.put({ message: { kind: 'timeout', at, of }, inbox: null, reply: null });
      parts.ready(actor);
    });
  if (state.timedOut) {
    actor.deadlineAlarm?.cancel();
    if (state.cleanupDeadline !== null) actor.cleanupAlarm ??= ring(state.cleanupDeadline, 'cleanup');
    return;
  }
  const { deadline, runDeadline } = state.run;
  if (deadline !== null && (runDeadline === null || deadline <= runDeadline)) {
    actor.deadlineAlarm ??= ring(deadline, 'execution');
  } else if (runDeadline !== null) actor.deadlineAlarm ??= ring(runDeadline, 'run');
}
