import type { Log, LogLevel } from '@dfnsjs/actor-core/ports';
import { jsonLine, textLine } from './lines.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Writes a line for each entry of at least `level`: text on a terminal, JSON elsewhere. */
export function lineLog(level: LogLevel | 'silent', output: Output, now: () => number): Log {
  const from = level === 'silent' ? LEVELS.length : LEVELS.indexOf(level);
  const format = output.isTTY ? textLine : jsonLine;
  return {
    write(level, message, fields = {}) {
      if (LEVELS.indexOf(level) < from) return;
      output.write(`${format({ time: new Date(now()), level, message, fields })}\n`);
    },
  };
}
