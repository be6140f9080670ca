/** What a span is about. No inputs, results or keys. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that was begun. One that is never ended is never seen. */
export interface Span {
  /** Its W3C trace context: what is begun under it names it as parent. */
  readonly traceparent: string;
  /** Runs `work` with this span as the current one, for what user code begins in it. */
  within<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  /** Names a span of another trace that this one belongs to. */
  link(traceparent: string): void;
  /** `failure` is a code or the name of an error, never its message, which may hold what users work on. */
  end(failure?: string): void;
}

/** Where spans go. Absent in a node that nobody traces. */
export interface Tracer {
  /** Trace context of the caller's current span. */
  current(): string | undefined;
  /** `parent` is a W3C trace context; one that cannot be read counts as absent, and the span begins a trace. */
  begin(name: string, attributes: SpanAttributes, parent: string | undefined): Span;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

/** Where a span stands: its trace and itself, as W3C has it. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** undefined where it is no W3C trace context. */
export function parseTraceparent(text: string | null | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) };
}

/** A span as the header `traceparent` of W3C has it. */
export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The header of an execution that holds its trace context. */
export const TRACEPARENT_HEADER = 'traceparent';
