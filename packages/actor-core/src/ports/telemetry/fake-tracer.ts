import { parseTraceparent, type Span, type SpanAttributes, type Tracer } from './spans.ts';

export interface FakeSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Span id. */
  readonly parent: string | undefined;
  attributes: SpanAttributes;
  readonly links: string[];
  ended: boolean;
  failure: string | undefined;
}

/** Spans in a list, for the core's own tests. */
export class FakeTracer implements Tracer {
  readonly begun: FakeSpan[] = [];
  /** What the caller stands in. */
  active: string | undefined;
  /** Of spans whose bodies run. */
  readonly within: string[] = [];

  /** What an exporter would have seen. */
  get seen(): FakeSpan[] {
    return this.begun.filter(span => span.ended);
  }

  current(): string | undefined {
    return this.active;
  }

  begin(name: string, attributes: SpanAttributes, parent: string | undefined): Span {
    const under = parseTraceparent(parent);
    const number = this.begun.length + 1;
    const traceId = under?.traceId ?? number.toString(16).padStart(32, '0');
    const spanId = number.toString(16).padStart(16, '0');
    const span: FakeSpan = {
      name,
      traceId,
      spanId,
      parent: under?.spanId,
      attributes,
      links: [],
      ended: false,
      failure: undefined,
    };
    this.begun.push(span);
    return {
      traceparent: `00-${traceId}-${spanId}-01`,
      within: work => {
        this.within.push(name);
        return work();
      },
      set: more => void (span.attributes = { ...span.attributes, ...more }),
      link: traceparent => void span.links.push(traceparent),
      end: failure => {
        if (span.ended) throw new Error(`${name} was ended twice.`);
        span.ended = true;
        span.failure = failure;
      },
    };
  }
}
