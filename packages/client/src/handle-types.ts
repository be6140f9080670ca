import type {
  AnyQuery,
  AnySignal,
  AnyUpdate,
  AnyWorkflowReference,
  AttributeChanges,
  AttributesOf,
  InputArgs,
  InputOf,
  OutputOf,
  QueriesOf,
  SignalsOf,
  UpdatesOf,
} from '@dfnsjs/actor-core';
import type { HistoryFile } from '@dfnsjs/actor-core/values';
import type { CallOptions } from './call-options.ts';
import type { Description, ExecutionEvent } from './descriptions.ts';
import type { ExecutionState, Timeline } from './spans.ts';

/** The one of `All` that has the name; any where `All` says no names. */
export type Named<All extends { readonly name: string }, Name extends string> = string extends All['name']
  ? All
  : Extract<All, { readonly name: Name }>;

/** What a definition of unknown types takes and gives is unknown. */
export type Given<Definition> = '~types' extends keyof Definition ? InputOf<Definition> : unknown;
export type Got<Definition> = '~types' extends keyof Definition ? OutputOf<Definition> : unknown;

type Args<Definition> = InputArgs<Given<Definition>, CallOptions>;
export type QueryArgs<Definition> = InputArgs<
  Given<Definition>,
  CallOptions & { readonly atTurn?: number | undefined }
>;

/** Which run's history is read. */
export interface HistoryOptions extends CallOptions {
  /** Default: the newest run. */
  readonly runId?: string | undefined;
}

/** Which run, and as of when. */
export interface StateOptions extends HistoryOptions {
  /** As it was after this turn, from 0. Default: the last. */
  readonly atTurn?: number | undefined;
}

/** A message that is durable. */
export interface Taken {
  /** Why the execution takes no turns now, if it is held: it takes the message when it goes on. */
  readonly held?: { readonly code: string; readonly message: string } | undefined;
}

/** Why an operator fails a task. */
export interface TaskFailure {
  readonly message: string;
  /** Default 'Error'. */
  readonly name?: string | undefined;
  readonly details?: unknown;
}

/** An update that its execution has taken. */
export interface AcceptedUpdate<Output = unknown> {
  readonly updateId: string;
  /**
   * What the handler returned, over the end of the execution, for 24 h. Rejects with UPDATE_FAILED where it threw,
   * CLOSED where the execution ended before, NOT_FOUND where no such update was accepted.
   */
  result(options?: CallOptions): Promise<Output>;
}

/** From where an execution that ended is retried. */
export interface RetryOptions extends CallOptions {
  /** 'start': nothing of what it did stands. Default 'failure'. */
  readonly from?: 'failure' | 'start' | undefined;
}

/**
 * One execution, by its id: whatever run of it is the newest. What the workflow declares is typed; messages may be
 * named by their definition or, with a workflow imported as a type alone, by their name.
 */
export interface Handle<Workflow extends AnyWorkflowReference = AnyWorkflowReference> {
  readonly id: string;
  /** Of the run that was started, where this handle comes from a start. */
  readonly runId: string | undefined;

  /** Resolves when the signal is durable, also of an execution that is held. Rejects with CLOSED once the execution has ended, NOT_FOUND if there is none. */
  signal<Signal extends SignalsOf<Workflow> & AnySignal>(signal: Signal, ...args: Args<Signal>): Promise<Taken>;
  signal<Name extends SignalsOf<Workflow>['name']>(
    signal: Name,
    ...args: Args<Named<SignalsOf<Workflow>, Name>>
  ): Promise<Taken>;

  /** Answers from committed state, of a closed execution too; with `atTurn` as it was after that turn. */
  query<Query extends QueriesOf<Workflow> & AnyQuery>(query: Query, ...args: QueryArgs<Query>): Promise<Got<Query>>;
  query<Name extends QueriesOf<Workflow>['name']>(
    query: Name,
    ...args: QueryArgs<Named<QueriesOf<Workflow>, Name>>
  ): Promise<Got<Named<QueriesOf<Workflow>, Name>>>;

  /**
   * Resolves with what the update's handler returned. Rejects with UPDATE_REJECTED where its validator refused it,
   * UPDATE_FAILED where the handler threw; `cause` is the original.
   */
  update<Update extends UpdatesOf<Workflow> & AnyUpdate>(update: Update, ...args: Args<Update>): Promise<Got<Update>>;
  update<Name extends UpdatesOf<Workflow>['name']>(
    update: Name,
    ...args: Args<Named<UpdatesOf<Workflow>, Name>>
  ): Promise<Got<Named<UpdatesOf<Workflow>, Name>>>;

  /**
   * Sends an update and resolves when it is accepted: it has passed its validator and is durable. Rejects with
   * UPDATE_REJECTED where it is refused.
   */
  startUpdate<Update extends UpdatesOf<Workflow> & AnyUpdate>(
    update: Update,
    ...args: Args<Update>
  ): Promise<AcceptedUpdate<Got<Update>>>;
  startUpdate<Name extends UpdatesOf<Workflow>['name']>(
    update: Name,
    ...args: Args<Named<UpdatesOf<Workflow>, Name>>
  ): Promise<AcceptedUpdate<Got<Named<UpdatesOf<Workflow>, Name>>>>;
  /** An update that was accepted before, by the id that `startUpdate` gave. */
  getUpdate<Output = unknown>(updateId: string): AcceptedUpdate<Output>;

  /**
   * What the execution comes to, over all its runs. Rejects with the error that failed it, or CancelledError,
   * TerminatedError or TimeoutError for those ends.
   */
  result(options?: CallOptions): Promise<Got<Workflow>>;
  /** Resolves with the query's answer once `predicate` holds of it; looks after each turn. CLOSED if it never will. */
  waitFor<Query extends QueriesOf<Workflow> & AnyQuery>(
    query: Query,
    predicate: (answer: Got<Query>) => boolean,
    ...args: InputArgs<Given<Query>, CallOptions>
  ): Promise<Got<Query>>;
  waitFor<Name extends QueriesOf<Workflow>['name']>(
    query: Name,
    predicate: (answer: Got<Named<QueriesOf<Workflow>, Name>>) => boolean,
    ...args: Args<Named<QueriesOf<Workflow>, Name>>
  ): Promise<Got<Named<QueriesOf<Workflow>, Name>>>;

  describe(options?: CallOptions): Promise<Description<Got<Workflow>>>;
  history(options?: HistoryOptions): AsyncIterable<ExecutionEvent>;
  /**
   * The history of one run as JSON, whole in itself: `replay` of dfns/testing and `dfns replay` run it against today's
   * code. It holds the run's inputs and results.
   */
  exportHistory(options?: HistoryOptions): Promise<HistoryFile>;

  /**
   * A run as spans: tasks with their attempts, timers, waits, messages. No code is run for it: what code gave up, such as
   * the loser of a race, goes on to the end of the run.
   */
  timeline(options?: HistoryOptions): Promise<Timeline>;
  /** What the journal says of a run, without running code. VALIDATION for a turn that it does not have. */
  state(options?: StateOptions): Promise<ExecutionState>;

  /** Merges search attributes in; null removes one. Resolves when that is durable. */
  setAttributes(changes: AttributeChanges<AttributesOf<Workflow>>, options?: CallOptions): Promise<Taken>;

  /**
   * Begins the next attempt of a pending task at once, whatever its backoff. `command` is its number in the history.
   * NOT_FOUND where it is no pending task, NOT_RETRYABLE while an attempt is in hand.
   */
  retryTaskNow(command: number, options?: CallOptions): Promise<void>;
  /** Gives a pending task its result, parsed by its output schema; a body that still runs is aborted. */
  completeTask(command: number, result?: unknown, options?: CallOptions): Promise<void>;
  /** Fails a pending task for good, with no further attempt. */
  failTask(command: number, error: TaskFailure, options?: CallOptions): Promise<void>;

  /** Resolves when the request is durable; the execution ends when its code has cleaned up. */
  cancel(reason?: string, options?: CallOptions): Promise<Taken>;
  /** Ends the execution at once; none of its code runs. */
  terminate(reason?: string, options?: CallOptions): Promise<void>;
  /**
   * Lets a held execution go on in the same run. One that failed, timed out or was terminated gets another run: what it
   * did before the failure stands, the rest is done again, under the idempotency keys that it had. NOT_RETRYABLE for
   * any other, and where it is held again; NON_DETERMINISM where today's code does not do what stands.
   */
  retry(options?: RetryOptions): Promise<{ readonly runId: string }>;
  /**
   * Deletes an execution that has ended, with all its runs and history: its id is free. ALREADY_RUNNING where it has
   * not ended: terminate it first.
   */
  delete(options?: CallOptions): Promise<void>;
}

/** A handle from a start. */
export interface StartedHandle<Workflow extends AnyWorkflowReference = AnyWorkflowReference> extends Handle<Workflow> {
  readonly runId: string;
  /** The execution was there already: `onConflict: 'use-existing'`, or the same idempotent start again. */
  readonly existing: boolean;
}
