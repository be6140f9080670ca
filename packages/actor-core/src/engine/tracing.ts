import type { Actor, TurnInHand } from '../actor/actor.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Status } from '../execution/status.ts';
import type { Eid, ShardId } from '../ids/ids.ts';
import {
  parseTraceparent,
  TRACEPARENT_HEADER,
  type Span,
  type SpanAttributes,
  type Tracer,
} from '../ports/telemetry/spans.ts';
import type { TaskPending } from '../state/pending.ts';
import type { StartRequest } from './options.ts';
import type { RunSummary } from './residents.ts';

/** Spans of executions that are open at a time; above it the oldest is ended, and begun anew when it is asked for. */
const OPEN_SPANS = 20_000;

interface RunSpan {
  readonly span: Span;
  readonly shard: ShardId;
}

interface SignalInHand {
  readonly namespace: string;
  readonly id: string;
  readonly name: string;
  /** W3C trace context of whoever sends it. */
  readonly caller: string | undefined;
  /** The run that takes it, where it is in memory. */
  run(): RunSummary | undefined;
}

type Traced = Pick<RunSummary, 'namespace' | 'id' | 'runId' | 'workflow' | 'shard'>;

/**
 * The spans of a node. An execution has one from its start to its end; one that another process began goes on as a
 * second span of the same trace, begun when something happens here, since replay is no happening. Its trace context is
 * a header of its row: the caller's, or that of its own first span.
 */
export class Tracing {
  readonly #tracer: Tracer;
  readonly #runs = new Map<Eid, RunSpan>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Begins the span of a run that is about to be stored; gives the headers that its row should have. */
  starting(eid: Eid, run: Traced, { headers }: StartRequest): StartRequest['headers'] {
    const given = headers?.get(TRACEPARENT_HEADER) ?? this.#tracer.current();
    const span = this.#tracer.begin(`workflow ${run.workflow}`, attributesOf(run), given);
    this.#keep(eid, { span, shard: run.shard });
    const kept = parseTraceparent(given) ? given : span.traceparent;
    return parseTraceparent(kept) ? new Map(headers).set(TRACEPARENT_HEADER, kept!) : headers;
  }

  /** The run did not come to be: its span is never seen. */
  forget(eid: Eid): void {
    this.#runs.delete(eid);
  }

  closed(run: RunSummary, status: Status): void {
    const span = this.#spanOf(run);
    this.#runs.delete(run.eid);
    span.set({ 'dfns.status': status });
    span.end(status === 'completed' || status === 'continued-as-new' ? undefined : status);
  }

  attempt(run: RunSummary, task: TaskPending): Span {
    const attributes = { ...attributesOf(run), 'dfns.task': task.name, 'dfns.attempt': task.attempt };
    return this.#tracer.begin(`task ${task.name}`, attributes, this.#spanOf(run).traceparent);
  }

  /** A client's signal, from here until it is durable. */
  async signal<T>(
    { namespace, id, name, caller, run }: SignalInHand,
    send: (traceparent: string) => Promise<T>,
  ): Promise<T> {
    const parent = caller ?? this.#tracer.current();
    const before = run();
    const span = this.#tracer.begin(
      `signal ${name}`,
      before ? attributesOf(before) : { 'dfns.execution.id': id, 'dfns.namespace': namespace },
      parent ?? (before && this.#spanOf(before).traceparent),
    );
    let answer: T;
    try {
      answer = await send(span.traceparent);
    } catch (error) {
      span.end(error instanceof DfnsError ? error.code : 'INTERNAL');
      throw error;
    }
    const taker = before ?? run();
    if (taker) {
      if (!before) span.set(attributesOf(taker));
      const trace = taker.headers?.get(TRACEPARENT_HEADER);
      if (trace !== undefined) span.link(trace);
    }
    span.end();
    return answer;
  }

  /** Signals of other executions, which arrived by the inbox: they are seen when they are taken. */
  taken(actor: Actor, turn: TurnInHand): void {
    for (const message of turn.messages) {
      if (message.kind !== 'signal' || message.id !== null) continue;
      const { run } = actor.state;
      this.#tracer.begin(`signal ${message.name}`, attributesOf(run), this.#spanOf(run).traceparent).end();
    }
  }

  disowned(shard: ShardId): void {
    for (const [eid, each] of this.#runs) if (each.shard === shard) this.#leave(eid, each);
  }

  /** The node stops in order: what goes on elsewhere is seen as far as it went here. */
  stop(): void {
    for (const [eid, each] of this.#runs) this.#leave(eid, each);
  }

  #spanOf(run: RunSummary): Span {
    const known = this.#runs.get(run.eid);
    if (known) return known.span;
    const span = this.#tracer.begin(
      `workflow ${run.workflow}`,
      attributesOf(run),
      run.headers?.get(TRACEPARENT_HEADER),
    );
    this.#keep(run.eid, { span, shard: run.shard });
    return span;
  }

  #keep(eid: Eid, each: RunSpan): void {
    if (this.#runs.size >= OPEN_SPANS) {
      const [oldest] = this.#runs;
      if (oldest) this.#leave(...oldest);
    }
    this.#runs.set(eid, each);
  }

  #leave(eid: Eid, { span }: RunSpan): void {
    this.#runs.delete(eid);
    span.set({ 'dfns.status': 'running' });
    span.end();
  }
}

function attributesOf({ namespace, id, runId, workflow }: Omit<Traced, 'shard'>): SpanAttributes {
  return {
    'dfns.execution.id': id,
    'dfns.run.id': runId,
    'dfns.workflow': workflow,
    'dfns.namespace': namespace,
  };
}
