import { DfnsError } from '@dfnsjs/actor-core';
import { Measurements, type Log, type LogLevel, type Telemetry } from '@dfnsjs/actor-core/ports';
import type { LogOutput } from './log-fields.ts';
import { openTracer, type TracerProvider } from './opentelemetry.ts';
import { terminalLog } from './terminal.ts';
import type { MetricsPage, SharedPort } from './prometheus.ts';
import { parseStatsdUrl, StatsdSender } from './statsd.ts';

export interface TelemetryOptions {
  /** The least level that is written; or where lines go instead of `output`. */
  readonly log: LogLevel | 'silent' | Log;
  /** false: nothing is counted. With `statsd`, what is counted goes there too. */
  readonly metrics: boolean | { readonly statsd?: string | undefined };
  /** See `openTracer`. */
  readonly tracing: boolean | TracerProvider | undefined;
  readonly version: string;
  /** Absent: no other process serves on the port. */
  readonly sharedPort?: SharedPort | undefined;
  /** Of log lines: text where it is a terminal, else JSON. */
  readonly output: LogOutput;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The telemetry of a node, and what its doors ask of it. */
export interface OpenedTelemetry extends Telemetry {
  /** What a scrape gets. NOT_FOUND where nothing is counted. */
  metrics(): Promise<MetricsPage>;
  /** Of this process alone, as text for Prometheus, for those that share its port. Empty where nothing is counted. */
  ownMetrics(): Promise<string>;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Opens what is asked for; what is not is not even loaded. VALIDATION for a wrong option. */
export async function openTelemetry(options: TelemetryOptions): Promise<OpenedTelemetry> {
  const { metrics, version } = options;
  const statsdUrl = typeof metrics === 'object' ? metrics.statsd : undefined;
  const address = statsdUrl === undefined ? undefined : parseStatsdUrl(statsdUrl);
  const log = await openLog(options);
  const tracer = await openTracer(options.tracing, version, log);
  if (metrics === false) {
    const nothing = { metrics: noMetrics, ownMetrics: async () => '', close: async () => undefined };
    return { log, tracer, measurements: undefined, ...nothing };
  }
  const measurements = new Measurements(() => performance.now());
  const read = () => measurements.read();
  const sender = address && new StatsdSender(address, read, log);
  return {
    log,
    tracer,
    measurements,
    // Loaded for the first who asks: a node that nobody scrapes needs none of it.
    metrics: async () => (await import('./prometheus.ts')).prometheusPage(read, options.sharedPort),
    ownMetrics: async () => (await import('./prometheus.ts')).ownText(read, options.sharedPort?.process),
    close: async () => sender?.close(),
  };
}

async function openLog({ log, output, now }: TelemetryOptions): Promise<Log> {
  if (typeof log !== 'string') return log;
  if (output.isTTY) return terminalLog(log, output, now);
  const { pinoLog } = await import('./pino.ts');
  return pinoLog(log, output, now);
}

async function noMetrics(): Promise<never> {
  throw new DfnsError('NOT_FOUND', 'This node counts nothing. Start it with the option metrics: true.');
}
