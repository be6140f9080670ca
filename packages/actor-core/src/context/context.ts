import { createFailure } from '../definition/typed-failure.ts';
import type { Logger } from '../definition/logger.ts';
import { parseRun } from '../definition/run-options.ts';
import type { AnyQuery } from '../definition/query.ts';
import type { AnySignal } from '../definition/signal.ts';
import type { TaskContext } from '../definition/task-context.ts';
import type { AnyTask } from '../definition/task.ts';
import type { AnyUpdate } from '../definition/update.ts';
import type { AnyWorkflowReference } from '../definition/workflow-reference.ts';
import { BOUNDS } from '../bounds.ts';
import { validation } from '../errors/dfns-error.ts';
import { parseId, parseName } from '../ids/name.ts';
import { parseChoice, readOptions } from '../options/known-options.ts';
import { DEFAULT_TASK_POLICY, type TaskPolicy } from '../options/task-policy.ts';
import { parseVersion } from '../options/version.ts';
import { cancelledError, cancelScope } from '../state/cancel.ts';
import { cancellationOf, type Scope } from '../state/scope.ts';
import { parseDuration, parseInstant } from '../time/duration.ts';
import { setAttributes, setDetails } from './attributes.ts';
import { condition } from './condition.ts';
import { sendSignal } from './execution.ts';
import { gather, type Gathered } from './gather.ts';
import type { Issuer } from './issuer.ts';
import { runLogger } from '../definition/run-logger.ts';
import { mapItems } from './map.ts';
import { race } from './race.ts';
import { runTask } from './run.ts';
import { runScope, runShielded } from './scope.ts';
import { signalsOf, waitForSignal } from './signals.ts';
import { sleepUntil } from './sleep.ts';
import { parseWaitLimit } from './wait-limit.ts';
import type { ScopeContext, WorkflowContext, WorkflowInfo } from './workflow-context.ts';

type Part = (ctx: WorkflowContext) => unknown;

interface Plan {
  readonly policy: TaskPolicy;
  readonly label?: string | undefined;
}

/** ctx of one scope of a run: each call checks its arguments and goes to the module of its name. */
class Context {
  readonly #issuer: Issuer;
  readonly #scope: Scope;
  readonly #workflow: AnyWorkflowReference;
  #log: Logger | null = null;

  constructor(issuer: Issuer, scope: Scope, workflow: AnyWorkflowReference) {
    this.#issuer = issuer;
    this.#scope = scope;
    this.#workflow = workflow;
  }

  #within(scope: Scope): WorkflowContext {
    return contextOf(this.#issuer, scope, this.#workflow);
  }

  #part(part: unknown, what: string): (scope: Scope) => unknown {
    if (typeof part !== 'function') throw validation(`${what} takes a function of a ctx, got ${typeof part}.`);
    return scope => (part as Part)(this.#within(scope));
  }

  run(task: AnyTask, input?: unknown, options?: unknown) {
    if (task?.kind !== 'task') throw validation('ctx.run takes what task(…) returns. Inline functions go to ctx.step.');
    const { policy, label }: Plan =
      options === undefined ? { policy: task } : parseRun(options, `task ${JSON.stringify(task.name)}`, task);
    return runTask(this.#issuer, this.#scope, task.name, task, policy, input, label ?? null);
  }

  step(name: string, run: (t: TaskContext) => unknown, options?: unknown) {
    parseName(name, 'The name of a step');
    if (typeof run !== 'function') throw validation(`ctx.step("${name}") takes a function, got ${typeof run}.`);
    const { policy, label }: Plan =
      options === undefined ? { policy: DEFAULT_TASK_POLICY } : parseRun(options, `step ${JSON.stringify(name)}`);
    return runTask(this.#issuer, this.#scope, name, run, policy, undefined, label ?? null);
  }

  sleep(duration: unknown) {
    const ms = parseDuration(duration, 'The duration of ctx.sleep');
    return sleepUntil(this.#issuer, this.#scope, this.#issuer.clockNow() + ms);
  }

  sleepUntil(instant: unknown) {
    return sleepUntil(this.#issuer, this.#scope, parseInstant(instant, 'The instant of ctx.sleepUntil'));
  }

  waitForSignal(signals: AnySignal | readonly AnySignal[], options?: unknown) {
    const several = Array.isArray(signals);
    const names = (several ? (signals as readonly AnySignal[]) : [signals as AnySignal]).map(signalName);
    if (names.length === 0) throw validation('ctx.waitForSignal needs at least one signal.');
    return waitForSignal(this.#issuer, this.#scope, names, several, parseWaitLimit(options, 'ctx.waitForSignal'));
  }

  signals(signal: AnySignal) {
    return signalsOf(this.#issuer, this.#scope, signalName(signal));
  }

  on(message: AnyQuery | AnyUpdate | AnySignal, handler: (input: unknown) => unknown, options?: unknown): void {
    this.#issuer.assertRunning();
    if (typeof handler !== 'function') throw validation(`ctx.on takes a handler function, got ${typeof handler}.`);
    const { handlers } = this.#issuer;
    switch (message?.kind) {
      case 'query':
        readOptions(options, 'ctx.on of a query', []);
        return handlers.onQuery(message, handler);
      case 'update': {
        const given = readOptions(options, 'ctx.on of an update', ['validate', 'serial']);
        if (given.validate !== undefined && typeof given.validate !== 'function') {
          throw validation('validate of ctx.on must be a function.');
        }
        const validate = (given.validate ?? null) as ((input: unknown) => void) | null;
        return handlers.onUpdate(message, handler, validate, given.serial === true);
      }
      case 'signal':
        return handlers.onSignal(
          message.name,
          handler,
          readOptions(options, 'ctx.on of a signal', ['serial']).serial === true,
        );
      default:
        throw validation('ctx.on takes what query(…), update(…) or signal(…) returns.');
    }
  }

  condition(predicate: () => boolean, options?: unknown) {
    if (typeof predicate !== 'function') throw validation(`ctx.condition takes a function, got ${typeof predicate}.`);
    return condition(this.#issuer, this.#scope, predicate, parseWaitLimit(options, 'ctx.condition'));
  }

  race(contestants: Readonly<Record<string, Part>>) {
    const parts = new Map<string, (scope: Scope) => unknown>();
    for (const [key, part] of Object.entries(contestants)) parts.set(key, this.#part(part, `ctx.race: "${key}"`));
    return race(this.#issuer, this.#scope, parts);
  }

  gather(branches: Readonly<Record<string, unknown>> | readonly unknown[], options?: unknown) {
    const settle = readOptions(options, 'ctx.gather', ['settle']).settle === true;
    const parts = new Map<string, Gathered>();
    for (const [key, part] of Object.entries(branches)) {
      if (typeof part === 'function') parts.set(key, this.#part(part, 'ctx.gather'));
      else if (part instanceof Promise) parts.set(key, part);
      else throw validation(`ctx.gather: "${key}" must be a durable promise or a function of a ctx.`);
    }
    return gather(this.#issuer, this.#scope, parts, settle, results =>
      Array.isArray(branches) ? [...results.values()] : Object.fromEntries(results),
    );
  }

  map(
    items: Iterable<unknown> | AsyncIterable<unknown>,
    each: (item: unknown, index: number, ctx: WorkflowContext) => unknown,
    options?: unknown,
  ) {
    const given = readOptions(options, 'ctx.map', ['concurrency', 'onError', 'results']);
    const concurrency = given.concurrency ?? 100;
    if (
      !Number.isSafeInteger(concurrency) ||
      (concurrency as number) < 1 ||
      (concurrency as number) > BOUNDS.turnCommands
    ) {
      throw validation(`concurrency of ctx.map must be an integer from 1 to ${BOUNDS.turnCommands}.`);
    }
    return mapItems(this.#issuer, this.#scope, items, (item, index, scope) => each(item, index, this.#within(scope)), {
      concurrency: concurrency as number,
      collect: parseChoice(given.onError ?? 'fail', 'onError of ctx.map', ['fail', 'collect']) === 'collect',
      keep: parseChoice(given.results ?? 'array', 'results of ctx.map', ['array', 'none']) === 'array',
    });
  }

  scope(part: Part, options?: unknown) {
    const given = readOptions(options, 'ctx.scope', ['timeout']);
    const timeoutMs = given.timeout === undefined ? undefined : parseDuration(given.timeout, 'timeout of ctx.scope');
    return runScope(this.#issuer, this.#scope, this.#part(part, 'ctx.scope'), timeoutMs);
  }

  shielded(part: Part) {
    return runShielded(this.#issuer, this.#scope, this.#part(part, 'ctx.shielded'));
  }

  cancel(reason?: string): void {
    this.#issuer.assertRunning();
    cancelScope(this.#issuer.state, this.#scope, { kind: 'cancel', reason: reason ?? null });
  }

  execution(...args: readonly unknown[]) {
    const id = parseId(args.at(-1), 'The id of ctx.execution');
    return {
      id,
      signal: (signal: AnySignal, payload?: unknown) =>
        sendSignal(this.#issuer, this.#scope, id, signalName(signal), payload),
    };
  }

  continueAsNew(input?: unknown, options?: unknown) {
    this.#issuer.assertRunning();
    const given = readOptions(options, 'ctx.continueAsNew', ['version']);
    const version = given.version === undefined ? null : parseVersion(given.version, 'version of ctx.continueAsNew');
    this.#issuer.continueAsNew(version, input);
    return this.#issuer.promise<never>();
  }

  fail(code: string, data: unknown) {
    return createFailure(this.#workflow, code, data);
  }

  now(): number {
    return this.#issuer.state.at;
  }

  random(): number {
    this.#issuer.assertRunning();
    return this.#issuer.random.next();
  }

  uuid(): string {
    this.#issuer.assertRunning();
    return this.#issuer.random.uuid();
  }

  setAttributes(changes: unknown): void {
    setAttributes(this.#issuer, this.#scope, this.#workflow.attributes, changes);
  }

  setDetails(markdown: unknown): void {
    if (typeof markdown !== 'string') throw validation('ctx.setDetails takes a string.');
    setDetails(this.#issuer, this.#scope, markdown);
  }

  get info(): WorkflowInfo {
    const { state } = this.#issuer;
    const { run } = state;
    return {
      executionId: run.id,
      runId: state.runId,
      workflow: run.workflow,
      version: run.version,
      namespace: run.namespace,
      headers: Object.fromEntries(run.headers ?? []),
      continueAsNewSuggested: state.continueSuggested,
    };
  }

  get log(): Logger {
    const issuer = this.#issuer;
    return (this.#log ??= runLogger(issuer.log, issuer.state.run, {}, () => issuer.replaying));
  }

  get abortSignal(): AbortSignal {
    const scope = this.#scope;
    if (!scope.view) {
      scope.view = new AbortController();
      (this.#issuer.state.viewed ??= []).push(scope);
      const cancelled = cancellationOf(scope);
      if (cancelled) scope.view.abort(cancelledError(cancelled));
    }
    return scope.view.signal;
  }
}

/** The ctx that workflow code gets for a scope. */
export function contextOf(issuer: Issuer, scope: Scope, workflow: AnyWorkflowReference): ScopeContext {
  // The class takes what any caller may give and checks it; the interface is what the compiler lets callers give.
  return new Context(issuer, scope, workflow) as unknown as ScopeContext;
}

function signalName(signal: AnySignal): string {
  if (signal?.kind !== 'signal') throw validation('A signal must be what signal(…) returns.');
  return signal.name;
}
