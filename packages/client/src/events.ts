import { DfnsError, TimeoutError } from '@dfnsjs/actor-core';
import { parseId, readOptions, type Status } from '@dfnsjs/actor-core/values';
import { CALL_OPTION_NAMES, parseCall, type CallOptions } from './call-options.ts';
import type { ClientEnvironment } from './environment.ts';
import { FILTER_NAMES, readFilter, type Filter } from './filter.ts';
import type { EventItem } from './operations/events.ts';

/** Whose changes are told: of executions of which all parts hold as of the change. A text `q` is for lists alone. */
export interface EventsOptions extends Omit<Filter, 'q'>, CallOptions {
  /** Of one execution. */
  readonly id?: string | undefined;
  /** `cursor` of an event of the same filter: what came after it is told first. Default: from now on. */
  readonly after?: string | undefined;
}

/** A change of an execution, told once it is durable. */
export interface ExecutionChange {
  /**
   * `started`: a run of it is there, the first, a retry, or the next one after continue-as-new. `released`: it is held
   * no more. `changed`: any other turn. A turn that does several things is told once, as the most telling: one that
   * ends in its first turn is told as `closed` alone. Turns that follow on each other within a moment are told as the
   * last of them. An execution that another node goes on with may be told a later `turn` of before an earlier one.
   */
  readonly type: 'started' | 'changed' | 'attributes-set' | 'held' | 'released' | 'closed' | 'deleted';
  readonly namespace: string;
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: Status;
  /** Code of why it takes no turns. */
  readonly held?: string | undefined;
  /** The last turn of the run; 0 before its first. */
  readonly turn: number;
  readonly at: Date;
  /** For `after`, at any node of the cluster. It is good for this filter. */
  readonly cursor: string;
}

/**
 * What was between the event before and the next one is not known: a node is gone or was started anew, or this reader was
 * too slow. Whoever keeps a list reads it again; what changes from then on is told.
 */
export interface EventsReset {
  readonly type: 'reset';
  readonly cursor: string;
}

/** What `client.events` gives: a change, or that some were missed. */
export type ChangeEvent = ExecutionChange | EventsReset;

/** Events as they come, to be iterated once. */
export interface Events extends AsyncIterableIterator<ChangeEvent> {
  /** Resolves when it listens: every change from then on is told. Iterating begins with it by itself. */
  listening(): Promise<void>;
  next(): Promise<IteratorResult<ChangeEvent, undefined>>;
  return(): Promise<IteratorReturnResult<undefined>>;
}

const NAMES = [...FILTER_NAMES.filter(name => name !== 'q'), 'id', 'after', ...CALL_OPTION_NAMES] as const;

export function eventsOf(environment: ClientEnvironment, options: EventsOptions | undefined): Events {
  const { id, after, abortSignal, timeout, ...parts } = readOptions(options, 'events', NAMES);
  if (after !== undefined && typeof after !== 'string') {
    throw new DfnsError('VALIDATION', 'after of events must be the cursor of an event.');
  }
  const request = {
    ...readFilter(parts, environment.namespace, 'events'),
    id: id === undefined ? undefined : parseId(id, 'id of events'),
    lastEventId: after,
  };
  const abort = new Abort(environment, parseCall({ abortSignal, timeout }, 'events'));
  return new Listening(() => environment.operations.events(request, { abortSignal: abort.signal }), abort);
}

class Listening implements Events {
  readonly #begin: () => AsyncIterable<EventItem>;
  readonly #abort: Abort;
  #items: AsyncIterator<EventItem> | undefined;
  #opening: Promise<IteratorResult<EventItem>> | undefined;
  #first: IteratorResult<EventItem> | undefined;
  #ended = false;

  constructor(begin: () => AsyncIterable<EventItem>, abort: Abort) {
    this.#begin = begin;
    this.#abort = abort;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async listening(): Promise<void> {
    if (this.#ended) return;
    this.#opening ??= this.#open();
    await this.#opening;
  }

  async next(): Promise<IteratorResult<ChangeEvent, undefined>> {
    for (;;) {
      await this.listening();
      if (this.#ended) return END;
      const first = this.#first;
      this.#first = undefined;
      const { done, value } = first ?? (await this.#items!.next().catch((error: unknown) => this.#failed(error)));
      if (done) return this.return();
      if (value.event) return { done: false, value: readChange(value) };
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#ended) {
      this.#ended = true;
      this.#abort.end();
      // What still waits for an item ends with the abort.
      await this.#items?.return?.().catch(() => undefined);
    }
    return END;
  }

  async #open(): Promise<IteratorResult<EventItem>> {
    this.#abort.begin();
    try {
      this.#items = this.#begin()[Symbol.asyncIterator]();
      return (this.#first = await this.#items.next());
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Whoever waited while it was ended has come to its end. */
  #failed(error: unknown): IteratorReturnResult<undefined> {
    if (this.#ended) return END;
    this.#ended = true;
    this.#abort.end();
    throw error;
  }
}

const END = { done: true, value: undefined } as const;

function readChange({ event, cursor }: EventItem): ChangeEvent {
  if (!event || event.type === 'reset') return { type: 'reset', cursor };
  return { ...event, at: new Date(event.at), cursor };
}

/** What ends a stream: its caller, or its time. */
class Abort {
  readonly #environment: ClientEnvironment;
  readonly #call: ReturnType<typeof parseCall>;
  readonly #controller = new AbortController();
  readonly #passOn = () => this.#controller.abort(this.#call.abortSignal?.reason);
  #timer: { cancel(): void } | undefined;

  constructor(environment: ClientEnvironment, call: ReturnType<typeof parseCall>) {
    this.#environment = environment;
    this.#call = call;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    const { abortSignal, timeoutMs } = this.#call;
    abortSignal?.throwIfAborted();
    abortSignal?.addEventListener('abort', this.#passOn, { once: true });
    if (timeoutMs === undefined) return;
    const { clock } = this.#environment;
    this.#timer = clock.setTimer(clock.now() + timeoutMs, () =>
      this.#controller.abort(new TimeoutError(`Events were listened to for ${timeoutMs} ms.`)),
    );
  }

  end(): void {
    this.#timer?.cancel();
    this.#call.abortSignal?.removeEventListener('abort', this.#passOn);
    this.#controller.abort();
  }
}
