import type { RunRow } from '../execution/execution.ts';
import type { Log, LogLevel } from '../ports/telemetry/log.ts';
import { parseTraceparent, TRACEPARENT_HEADER } from '../ports/telemetry/spans.ts';
import type { Logger } from './logger.ts';

/** A logger whose lines name the run they come from; `silent` is asked for each line. */
export function runLogger(
  log: Log,
  run: RunRow,
  more: Readonly<Record<string, unknown>>,
  silent: () => boolean,
): Logger {
  const trace = parseTraceparent(run.headers?.get(TRACEPARENT_HEADER));
  const origin = {
    namespace: run.namespace,
    executionId: run.id,
    runId: run.runId,
    workflow: run.workflow,
    ...more,
    ...(trace ? { traceId: trace.traceId } : {}),
  };
  const write = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (!silent()) log.write(level, message, { ...fields, ...origin });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
