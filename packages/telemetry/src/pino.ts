import type { Log, LogLevel } from '@dfnsjs/actor-core/ports';
import { pino } from 'pino';
import { plainFields, withoutSecrets, type LogOutput } from './log-fields.ts';

/** Lines for machines: JSON, one an entry, written by pino. Fields cannot take the place of what every line has. */
export function pinoLog(level: LogLevel | 'silent', output: LogOutput, now: () => number): Log {
  const lines = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    { write: line => void output.write(withoutSecrets(line)) },
  );
  return {
    write(level, message, fields = {}) {
      if (!lines.isLevelEnabled(level)) return;
      const { time: _time, level: _level, msg: _msg, ...rest } = plainFields(fields);
      lines[level](rest, message);
    },
  };
}
