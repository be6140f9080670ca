import { BOUNDS } from '../bounds.ts';
import type { Command } from '../command/command.ts';
import type { Schema } from '../definition/schema.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { CancelledError } from '../errors/cancelled-error.ts';
import { CommandPromise } from '../context/command-promise.ts';
import { answerUpdate, closedBeforeAnswer, Handlers } from '../context/handlers.ts';
import type { Issuer, RecordedCommands, Thrown } from '../context/issuer.ts';
import type { MessageId } from '../ids/ids.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import { encodeError } from '../payload/error-payload.ts';
import type { Payload } from '../payload/payload.ts';
import type { Clock } from '../ports/clock.ts';
import type { Stage } from '../ports/stage.ts';
import type { Log } from '../ports/telemetry/log.ts';
import { SeededRandom } from '../seeded-random.ts';
import { cancelledError, cancelPending, drop } from '../state/cancel.ts';
import type { Program } from '../state/program.ts';
import { timeoutOf } from '../state/receive/cancel.ts';
import { cancellationOf, type Cancellation, type Scope } from '../state/scope.ts';
import type { Ending, RunState } from '../state/state.ts';
import type { Determinism } from './determinism.ts';
import { foreignWait, goesOnCalling, tooManyCommands, unhandledRejection, waitsOnNothing } from './faults.ts';
import { returned, type MainEnd } from './main-end.ts';
import { Rejections } from './rejections.ts';
import { running, type Impurity, type RunningCode } from './running.ts';
import { settleOneWait } from './waits.ts';
import { warnOfForgotten, warnOfOtherInput, warnOfRejection } from './warnings.ts';

/** Calls from outside a turn, with no turn in between, that are only refused: what comes after voids the run. */
const STRAYS = 1_000;

/** The workflow function of a run, ready to be called with its ctx and decoded input. */
export type Main = (issuer: Issuer, input: unknown) => unknown;

export interface CoroutineEnvironment {
  readonly clock: Clock;
  readonly log: Log;
  readonly determinism: Determinism;
  readonly stage: Stage | null;
  readonly outputSchema: Schema | undefined;
  /** 'fail' ends the run with the error, 'hold' keeps it for an operator. */
  onError(error: unknown): 'fail' | 'hold';
}

/**
 * Runs a run's code: calls the workflow function, records what it asks for, and turns its end into the run's. It is
 * the Issuer of every ctx call, live and in replay.
 */
export class Coroutine implements Issuer, Program, RunningCode {
  readonly state: RunState;
  readonly handlers: Handlers;
  /** Commands of the turn in hand. */
  commands: Command[] = [];
  /** Set while the history is replayed. */
  recorded: RecordedCommands | null = null;
  #fault: DfnsError | null = null;
  /** Told of a fault that comes when no turn is being taken. */
  onFault: (() => void) | null = null;
  readonly #environment: CoroutineEnvironment;
  readonly #main: Main;
  #random: SeededRandom | null = null;
  #rejections: Rejections | null = null;
  #continuing: Ending | null = null;
  #ending: MainEnd | null = null;
  /** Why the function ends in a failure. */
  #thrown: Thrown | null = null;
  #waitsDue = false;
  #endDue = false;
  /** Made by ctx calls that came from outside a turn. */
  #strayed: DfnsError | null = null;
  /** Calls that were refused in this drain. */
  #refused = 0;
  #stuck: DfnsError | null = null;
  #lastCall: Error | null = null;

  constructor(state: RunState, main: Main, environment: CoroutineEnvironment) {
    this.state = state;
    this.handlers = new Handlers(() => this);
    this.#main = main;
    this.#environment = environment;
  }

  /** Something makes going on impossible: the run is to be held, and the turn in hand is void. */
  get fault(): DfnsError | null {
    return this.#fault;
  }

  set fault(fault: DfnsError) {
    if (this.#fault) return;
    this.#fault = fault;
    this.onFault?.();
  }

  get log(): Log {
    return this.#environment.log;
  }

  get random(): SeededRandom {
    return (this.#random ??= new SeededRandom(this.state.run.seed));
  }

  get replaying(): boolean {
    return this.recorded !== null;
  }

  /** Its code runs from here on, for whoever looks on. */
  enterStage(command: number): void {
    const { stage } = this.#environment;
    if (stage === null) return;
    const { run, begun } = this.state;
    if (begun) stage.enterTurn(run.eid, command);
    else stage.enterStart(run.eid, run.namespace, run.id);
  }

  leaveStage(): void {
    this.#environment.stage?.leave();
  }

  clockNow(): number {
    return this.#environment.clock.now();
  }

  promise<T>(): CommandPromise<T> {
    return new CommandPromise<T>(this);
  }

  // --- Issuer

  assertRunning(): void {
    if (running() === this) {
      if (this.#environment.determinism.mode === 'throw') this.#lastCall = new Error();
      return;
    }
    if (this.state.ending !== null || this.#endDue) throw foreignWait(true);
    this.#strayed ??= foreignWait(false);
    // Code that catches it in a loop would never give the event loop back.
    if (running() !== null || ++this.#refused <= STRAYS) throw this.#strayed;
    this.fault = this.#strayed;
  }

  issue<C extends Command>(command: C, scope: Scope): C {
    // The turn is void. What is thrown, code may catch and go on for ever: a command that nothing settles ends it.
    if (this.fault) return command;
    if (this.state.ending || this.#endDue) {
      if (this.#refuse('it has ended')) return command;
      throw foreignWait(true);
    }
    const cancelled = cancellationOf(scope);
    if (cancelled && command.kind !== 'answer' && command.kind !== 'close') {
      if (this.#refuse('it, or that part of it, was cancelled')) return command;
      throw cancelledError(cancelled);
    }
    return this.#record(command) ?? command;
  }

  /** A call is refused; true: so many in one drain that the code must be catching that in a loop. */
  #refuse(why: string): boolean {
    if (++this.#refused <= BOUNDS.turnCommands) return false;
    this.fault = goesOnCalling(why);
    return true;
  }

  /** The command as it counts; null where it is a fault. */
  #record<C extends Command>(command: C): C | null {
    const n = ++this.state.issued;
    if (this.recorded) {
      let known: Command | undefined;
      try {
        known = this.recorded.match(n, command, this.#thrown);
      } catch (error) {
        this.fault = error as DfnsError;
        return null;
      }
      if (known) {
        warnOfOtherInput(this.log, this.state.run, n, known, command);
        return known as C;
      }
    }
    if (this.commands.length >= BOUNDS.turnCommands && command.kind !== 'close') {
      this.fault = tooManyCommands(command);
      return null;
    }
    this.commands.push(command);
    return command;
  }

  unobserved(promise: CommandPromise<unknown>): void {
    // Whoever cancelled it knows.
    if (promise.reason instanceof CancelledError) return;
    (this.#rejections ??= new Rejections()).unobserved.add(promise);
  }

  observed(promise: CommandPromise<unknown>): void {
    this.#rejections?.unobserved.delete(promise);
  }

  cancelCommand(command: number, reason: string | null): void {
    this.assertRunning();
    const pending = this.state.pending.get(command);
    if (pending) cancelPending(this.state, pending, { kind: 'cancel', reason });
  }

  // --- Conditions, and waits for signals that nobody has taken: settled one at a time, in order of registration, each
  // when a drain is over, until there is none left to settle.

  checkWaits(): void {
    if (this.#waitsDue) return;
    this.#waitsDue = true;
    queueMicrotask(() => this.#environment.clock.afterMicrotasks(() => this.#settleWaits()));
  }

  #settleWaits(): void {
    this.#waitsDue = false;
    const { state } = this;
    // The function has returned: what still waits goes with the run.
    if (this.#endDue || this.fault) return;
    if (settleOneWait(state)) this.checkWaits();
  }

  // --- Program

  begin(): void {
    const { input } = this.state.run;
    const decoded = input === null ? undefined : decode(input);
    let result: unknown;
    try {
      result = this.#main(this, decoded);
    } catch (error) {
      return this.#mainEnded(false, error);
    }
    if (!isThenable(result)) return this.#mainEnded(true, result);
    Promise.resolve(result).then(
      value => this.#mainEnded(true, value),
      (error: unknown) => this.#mainEnded(false, error),
    );
  }

  handleSignal(name: string, payload: Payload): boolean {
    return this.handlers.signal(name, payload);
  }

  handleUpdate(id: MessageId, name: string, payload: Payload): void {
    this.handlers.update(id, name, payload);
  }

  reseed(seed: number): void {
    this.#random = new SeededRandom(seed);
  }

  end(status: 'terminated' | 'timed-out', why: unknown): void {
    this.#close({ status, output: encodeError(why) }, { kind: 'close', reason: status });
  }

  continueAsNew(version: number | null, input: unknown): void {
    if (this.#ending) throw new DfnsError('CLOSED', 'The workflow function has ended: it cannot continue as new.');
    const command = this.issue(
      { kind: 'continue', version, input: encode(input, 'the input of continueAsNew') },
      this.state.root,
    );
    this.#ending = { ok: true, output: command.input };
    this.#continuing = { status: 'continued-as-new', version: command.version, input: command.input };
    this.#endIfDone();
  }

  #mainEnded(ok: boolean, value: unknown): void {
    if (this.state.ending || this.#ending) return;
    // Where a foreign promise resumed the function its end belongs to no message.
    if (!this.inOwnTurn()) return;
    const { state } = this;
    this.#ending = ok ? returned(state.run.workflow, this.#environment.outputSchema, value) : { ok, value };
    if (!this.#ending.ok) {
      this.#thrown = { error: this.#ending.value };
      const closed = encodeError(closedBeforeAnswer());
      for (const id of [...this.state.updates.keys()]) answerUpdate(this, id, false, closed);
    }
    this.#endIfDone();
  }

  /** The run ends when its function has and no update's handler runs any more. */
  #endIfDone(): void {
    if (!this.#ending || this.state.ending || this.state.runningUpdates > 0) return;
    // Which rejections nobody has handled is known when the drain is over: `settleEnd` then looks again.
    if (this.#ending.ok && !this.#endDue) {
      this.#endDue = true;
      return;
    }
    if (this.#continuing) return this.#close(this.#continuing, { kind: 'close', reason: 'continued as new' });
    this.#close(this.#endingOf(this.#ending), { kind: 'close', reason: 'the workflow ended' });
  }

  inOwnTurn(): boolean {
    if (this.fault || this.state.ending) return false;
    if (running() === this) return true;
    this.fault = this.#strayed ?? foreignWait(false);
    return false;
  }

  /** Ends the run whose function returned in the last drain. Called when that is over. */
  settleEnd(): void {
    this.#refused = 0;
    if (this.#endDue) this.#endIfDone();
    else if (this.state.pending.size === 0) this.#lookForStuck();
  }

  /** Why nothing will ever resume this run, if that is so. */
  get stuck(): DfnsError | null {
    return this.state.pending.size === 0 && this.state.ending === null ? this.#stuck : null;
  }

  /** A drain is over and the run waits on no command: unless a handler may resume it, on nothing that will come. */
  #lookForStuck(): void {
    const { state, recorded } = this;
    const { determinism } = this.#environment;
    if (!state.begun || state.ending || this.#ending || this.fault || this.#stuck) return;
    if (this.handlers.signals.size > 0 || this.handlers.updates.size > 0 || state.viewed) return;
    if (determinism.mode === 'off' && !recorded) return;
    this.#stuck = waitsOnNothing(this.#lastCall);
    // In replay what was done then counts, however it would be taken now.
    const fails = recorded ? recorded.at(state.issued + 1)?.kind === 'close' : determinism.mode === 'throw';
    if (fails) {
      this.#ending = { ok: false, value: this.#stuck };
      this.#endIfDone();
    } else if (!recorded) determinism.stuck(state.run, this.#stuck);
  }

  impure(impurity: Impurity): void {
    this.#environment.determinism.impure(this.state.run, impurity);
  }

  updateAnswered(): void {
    this.#endIfDone();
  }

  #endingOf(end: MainEnd): Ending {
    const { state } = this;
    if (state.timedOut) return { status: 'timed-out', output: encodeError(timeoutOf(state)) };
    let value: unknown;
    if (end.ok) {
      const lost = this.#rejections?.first();
      if (!lost) return { status: 'completed', output: end.output };
      this.#thrown = lost;
      value = lost.command === null ? lost.error : unhandledRejection(lost.error, lost.command);
    } else value = end.value;
    if (state.cancelReason && value instanceof CancelledError) {
      return { status: 'cancelled', output: encodeError(value) };
    }
    let verdict: 'fail' | 'hold' = 'fail';
    try {
      verdict = this.#environment.onError(value);
    } catch (error) {
      value = error;
    }
    // In replay what was done then counts, however it would be taken now.
    if (verdict === 'hold' && !this.recorded) {
      this.fault = new DfnsError('INTERNAL', value instanceof Error ? value.message : String(value), {
        cause: value,
        details: { onError: true },
      });
    }
    return { status: 'failed', output: encodeError(value) };
  }

  /** What user code threw that nobody has handled so far. What a recorded command failed with is not of today's code. */
  get thrown(): Thrown | null {
    if (this.#thrown) return this.#thrown;
    const lost = this.#rejections?.first();
    return lost && !lost.command ? lost : null;
  }

  #close(ending: Ending, why: Cancellation): void {
    const { state } = this;
    if (this.fault) return;
    if (ending.status !== 'continued-as-new' && !this.#record({ kind: 'close', status: ending.status })) return;
    if (this.fault) return;
    state.ending = ending;
    if (this.#ending?.ok && !this.recorded) warnOfForgotten(this.log, state.run, state.pending.values());
    for (const pending of [...state.pending.values()]) drop(state, pending, why);
    if (state.root.view) state.root.view.abort(cancelledError(why));
  }

  foreignRejection(promise: Promise<unknown>, reason: unknown): void {
    (this.#rejections ??= new Rejections()).foreign.set(promise, reason);
    warnOfRejection(this.log, this.state.run, reason);
  }

  foreignHandled(promise: Promise<unknown>): boolean {
    return this.#rejections?.foreign.delete(promise) ?? false;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
