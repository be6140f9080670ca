import type { Actor, TurnInHand } from '../actor/actor.ts';
import type { Held } from '../execution/execution.ts';
import type { Status } from '../execution/status.ts';
import type { Eid, ShardId } from '../ids/ids.ts';
import type { CrashMessage, Message, TaskFailedMessage } from '../message/message.ts';
import type { AttemptFailure, TaskOverride } from '../actor/admit.ts';
import type { Counter, Distribution, Measurements } from '../ports/telemetry/measurements.ts';
import type { Millis } from '../time/duration.ts';
import type { AttemptWatch } from '../task/attempt-watch.ts';
import { OpenRuns } from './open-runs.ts';
import type { Residents, RunSummary } from './residents.ts';

/** The queue of tasks that run where their execution is. */
const LOCAL = 'local';

export type Rejection =
  'stopping' | 'not-owner' | 'mailbox-full' | 'backlog' | 'bytes' | 'bodies' | 'event-loop' | 'store';

interface TaskSeries {
  readonly started: Counter;
  readonly completed: Counter;
  readonly retried: Counter;
  readonly duration: Distribution;
}

interface MessageSeries {
  readonly direct: Counter;
  readonly inbox: Counter;
}

/** The series of a namespace, by the names that its messages bring. */
interface NamespaceSeries {
  readonly tasks: Map<string, TaskSeries>;
  readonly messages: Map<string, MessageSeries>;
}

/**
 * Counts what the engine does, where it is done: what only counts once it is durable is counted when its commit is
 * answered. It exists where somebody measures; a node without it does none of this.
 */
export class Metering {
  readonly open = new OpenRuns();
  readonly #measurements: Measurements;
  readonly #now: () => Millis;
  readonly #namespaces = new Map<string, NamespaceSeries>();
  readonly #turns: Distribution;
  readonly #timerLag: Distribution;
  readonly #held = new Map<Eid, { readonly labels: readonly [string, string, string]; readonly shard: ShardId }>();
  /** Attempts whose tasks have another outcome, until their abort is released. */
  readonly #settled = new WeakSet<AttemptWatch>();
  /** Tasks that a crash message takes an attempt from: once it is applied, those that failed are gone. */
  readonly #lost = new WeakMap<Message, ReadonlyMap<number, string>>();

  constructor(measurements: Measurements, now: () => Millis, residents: Residents) {
    this.#measurements = measurements;
    this.#now = now;
    this.#turns = measurements.distribution('turnDuration', []);
    this.#timerLag = measurements.distribution('timerLag', []);
    measurements.gauge('executionsOpen', () => this.open.byNamespace());
    measurements.gauge('executionsHeld', () => this.#heldByLabels());
    measurements.gauge('actorsResident', () => [[[], residents.size]]);
    measurements.gauge('mailboxDepth', () => [[[], depthOf(residents)]]);
  }

  /** Milliseconds, for durations. */
  elapsed(): number {
    return this.#measurements.elapsed();
  }

  // --- Tasks

  attemptBegan(namespace: string, task: string): void {
    this.#task(namespace, task).started.value++;
  }

  /** The abort of an attempt is durable. */
  attemptCancelled(namespace: string, watch: AttemptWatch): void {
    this.#task(namespace, watch.task).duration.observe(watch.durationMs / 1_000);
    if (!this.#settled.delete(watch)) this.#taskFailed(namespace, watch.task, 'cancelled');
  }

  losing(message: CrashMessage, tasks: ReadonlyMap<number, string>): void {
    this.#lost.set(message, tasks);
  }

  // --- Turns

  /** The turn is durable, and nothing of it is released yet. `watchOf` gives the attempts that it ends. */
  turn(actor: Actor, turn: TurnInHand, watchOf: (command: number) => AttemptWatch | null): void {
    const { namespace } = actor.state.run;
    this.#turns.observe((this.elapsed() - turn.begunAt) / 1_000);
    for (const message of turn.messages) {
      this.#message(namespace, message.kind).direct.value++;
      if (message.kind === 'task-done') {
        const watch = watchOf(message.command);
        if (watch) this.#ended(namespace, watch).completed.value++;
      } else if (message.kind === 'task-failed') this.#attemptFailed(actor, message, watchOf(message.command));
      else if (message.kind === 'crash') this.#attemptsLost(actor, message);
      else if (message.kind === 'task-override') this.#overridden(namespace, message, watchOf(message.command));
    }
    for (const { message, inbox } of turn.deliveries) {
      if (!inbox) continue;
      const series = this.#message(namespace, message.kind);
      series.direct.value--;
      series.inbox.value++;
    }
  }

  answeredQuery(namespace: string): void {
    this.#message(namespace, 'query').direct.value++;
  }

  // --- Executions

  started({ namespace, workflow }: RunSummary): void {
    this.#measurements.counter('executionsStarted', [namespace, workflow]).value++;
    this.activated('start');
  }

  closed({ eid, namespace, workflow, startedAt }: RunSummary, status: Status, at: Millis): void {
    this.unheld(eid);
    this.#measurements.counter('executionsClosed', [namespace, workflow, status]).value++;
    this.#measurements.distribution('endToEnd', [namespace, workflow, status]).observe((at - startedAt) / 1_000);
  }

  activated(source: 'start' | 'continue-as-new' | 'journal' | 'snapshot'): void {
    this.#measurements.counter('activations', [source]).value++;
  }

  held({ eid, namespace, workflow, shard }: RunSummary, { code }: Held): void {
    this.#held.set(eid, { labels: [namespace, workflow, code], shard });
  }

  /** The execution goes on, or has ended. */
  unheld(eid: Eid): void {
    this.#held.delete(eid);
  }

  disowned(shard: ShardId): void {
    this.open.forget(shard);
    for (const [eid, held] of this.#held) if (held.shard === shard) this.#held.delete(eid);
  }

  // --- The node

  timerRang(due: Millis): void {
    this.#timerLag.observe(Math.max(0, this.#now() - due) / 1_000);
  }

  rejected(reason: Rejection): void {
    this.#measurements.counter('rejected', [reason]).value++;
  }

  #ended(namespace: string, watch: AttemptWatch): TaskSeries {
    const series = this.#task(namespace, watch.task);
    series.duration.observe(watch.durationMs / 1_000);
    return series;
  }

  #attemptFailed(actor: Actor, message: TaskFailedMessage, watch: AttemptWatch | null): void {
    if (!watch) return;
    const { namespace } = actor.state.run;
    const series = this.#ended(namespace, watch);
    if (message.retryAt !== null) series.retried.value++;
    else this.#taskFailed(namespace, watch.task, reasonOf(message as AttemptFailure));
  }

  #attemptsLost(actor: Actor, message: CrashMessage): void {
    const { run, pending } = actor.state;
    for (const [command, task] of this.#lost.get(message) ?? []) {
      if (pending.has(command)) this.#task(run.namespace, task).retried.value++;
      else this.#taskFailed(run.namespace, task, 'lost');
    }
  }

  /** An operator gave the outcome of a task: what its body comes to counts no more. */
  #overridden(namespace: string, message: TaskOverride, watch: AttemptWatch | null): void {
    const { action, task } = message;
    if (action === 'retry-now' || task === undefined) return;
    if (watch) this.#settled.add(watch);
    if (action === 'complete') this.#task(namespace, task).completed.value++;
    else this.#taskFailed(namespace, task, 'operator');
  }

  #taskFailed(namespace: string, task: string, reason: string): void {
    this.#measurements.counter('tasksFailed', [namespace, task, reason]).value++;
  }

  #task(namespace: string, task: string): TaskSeries {
    const { tasks } = this.#namespace(namespace);
    let series = tasks.get(task);
    if (!series) {
      const measurements = this.#measurements;
      series = {
        started: measurements.counter('tasksStarted', [namespace, task, LOCAL]),
        completed: measurements.counter('tasksCompleted', [namespace, task, LOCAL]),
        retried: measurements.counter('tasksRetried', [namespace, task, LOCAL]),
        duration: measurements.distribution('taskDuration', [namespace, task]),
      };
      remember(tasks, task, series);
    }
    return series;
  }

  #message(namespace: string, kind: string): MessageSeries {
    const { messages } = this.#namespace(namespace);
    let series = messages.get(kind);
    if (!series) {
      series = {
        direct: this.#measurements.counter('messages', [namespace, kind, 'direct']),
        inbox: this.#measurements.counter('messages', [namespace, kind, 'inbox']),
      };
      messages.set(kind, series);
    }
    return series;
  }

  #namespace(namespace: string): NamespaceSeries {
    let series = this.#namespaces.get(namespace);
    if (!series) remember(this.#namespaces, namespace, (series = { tasks: new Map(), messages: new Map() }));
    return series;
  }

  *#heldByLabels(): Iterable<readonly [readonly [string, string, string], number]> {
    const counts = new Map<string, [readonly [string, string, string], number]>();
    for (const { labels } of this.#held.values()) {
      const key = JSON.stringify(labels);
      const count = counts.get(key);
      if (count) count[1]++;
      else counts.set(key, [labels, 1]);
    }
    yield* counts.values();
  }
}

/** Names that are kept with their series; whoever names steps by what they work on has more than that. */
const KEPT_NAMES = 1_000;

function remember<T>(map: Map<string, T>, name: string, series: T): void {
  if (map.size >= KEPT_NAMES) map.delete(map.keys().next().value!);
  map.set(name, series);
}

function depthOf(residents: Residents): number {
  let depth = 0;
  for (const { actor, mail } of residents.all()) depth += mail.length + (actor?.mailbox.size ?? 0);
  return depth;
}

/** Why no attempt follows, as `nextAttempt` decided it. */
function reasonOf({ gaveUp }: AttemptFailure): string {
  switch (gaveUp) {
    case 'final':
      return 'non-retryable';
    case 'deadline':
      return 'timeout';
    default:
      return 'attempts';
  }
}
