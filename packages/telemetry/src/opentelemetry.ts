import { DfnsError } from '@dfnsjs/actor-core';
import {
  formatTraceparent,
  parseTraceparent,
  type Log,
  type Span,
  type SpanAttributes,
  type Tracer,
} from '@dfnsjs/actor-core/ports';
import type * as Api from '@opentelemetry/api';

/** Of OpenTelemetry's TracerProvider, what is needed of it. */
export interface TracerProvider {
  getTracer(name: string, version?: string): unknown;
}

/** Where OpenTelemetry's API, of whichever copy, keeps what a program registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/**
 * Spans by OpenTelemetry: of `provider`, else of the one that the program registered. `true` wants the latter;
 * undefined takes it if there is one. Nothing is loaded where there is none. VALIDATION where what is wanted is absent.
 */
export async function openTracer(
  provider: TracerProvider | boolean | undefined,
  version: string,
  log: Log,
): Promise<Tracer | undefined> {
  if (provider === false) return undefined;
  const given = typeof provider === 'object' ? provider : undefined;
  if (!given && !isRegistered()) {
    if (provider === undefined) return undefined;
    throw new DfnsError(
      'VALIDATION',
      'tracing: true needs an OpenTelemetry SDK. Register one before startNode, or give its TracerProvider.',
      {
        details: { option: 'tracing' },
      },
    );
  }
  const api = await load();
  const tracer = (given ?? api.trace.getTracerProvider()).getTracer('dfns', version) as Api.Tracer;
  return new OpenTelemetryTracer(api, tracer, new Guard(log));
}

function isRegistered(): boolean {
  return (globalThis as { [REGISTERED]?: { trace?: unknown } })[REGISTERED]?.trace !== undefined;
}

async function load(): Promise<typeof Api> {
  try {
    return await import('@opentelemetry/api');
  } catch (cause) {
    throw new DfnsError('VALIDATION', 'Spans need the package @opentelemetry/api: npm install @opentelemetry/api.', {
      cause,
      details: { option: 'tracing' },
    });
  }
}

/**
 * Exporters, processors and samplers are code of others that a span calls: what they throw is said once, and never
 * reaches the engine, which is in the midst of something.
 */
class Guard {
  readonly #log: Log;
  #failed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  attempt<T>(work: () => T, otherwise: T): T {
    try {
      return work();
    } catch (error) {
      if (!this.#failed) {
        this.#failed = true;
        this.#log.write('warn', 'OpenTelemetry threw: spans are incomplete', { error });
      }
      return otherwise;
    }
  }
}

class OpenTelemetryTracer implements Tracer {
  readonly #api: typeof Api;
  readonly #tracer: Api.Tracer;
  readonly #guard: Guard;

  constructor(api: typeof Api, tracer: Api.Tracer, guard: Guard) {
    this.#api = api;
    this.#tracer = tracer;
    this.#guard = guard;
  }

  current(): string | undefined {
    const { trace, context, isSpanContextValid } = this.#api;
    const current = this.#guard.attempt(() => trace.getSpanContext(context.active()), undefined);
    return current && isSpanContextValid(current) ? formatTraceparent(current) : undefined;
  }

  begin(name: string, attributes: SpanAttributes, parent: string | undefined): Span {
    const { trace, ROOT_CONTEXT, INVALID_SPAN_CONTEXT } = this.#api;
    const context = parseTraceparent(parent);
    const under = context ? trace.setSpanContext(ROOT_CONTEXT, { ...context, isRemote: true }) : ROOT_CONTEXT;
    const span = this.#guard.attempt(() => this.#tracer.startSpan(name, { attributes }, under), undefined);
    return new OpenTelemetrySpan(
      this.#api,
      span ?? trace.wrapSpanContext(context ?? INVALID_SPAN_CONTEXT),
      this.#guard,
    );
  }
}

class OpenTelemetrySpan implements Span {
  readonly traceparent: string;
  readonly #api: typeof Api;
  readonly #span: Api.Span;
  readonly #guard: Guard;

  constructor(api: typeof Api, span: Api.Span, guard: Guard) {
    this.#api = api;
    this.#span = span;
    this.#guard = guard;
    this.traceparent = formatTraceparent(span.spanContext());
  }

  within<T>(work: () => T): T {
    const { context, trace, ROOT_CONTEXT } = this.#api;
    // Not under what is active: the engine runs in the context of whoever happened to wake it.
    return context.with(trace.setSpan(ROOT_CONTEXT, this.#span), work);
  }

  set(attributes: SpanAttributes): void {
    this.#guard.attempt(() => this.#span.setAttributes(attributes), undefined);
  }

  link(traceparent: string): void {
    const context = parseTraceparent(traceparent);
    if (context) this.#guard.attempt(() => this.#span.addLink({ context: { ...context, isRemote: true } }), undefined);
  }

  end(failure?: string): void {
    this.#guard.attempt(() => {
      if (failure !== undefined) {
        this.#span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: failure });
        this.#span.setAttribute('error.type', failure);
      }
      this.#span.end();
    }, undefined);
  }
}
