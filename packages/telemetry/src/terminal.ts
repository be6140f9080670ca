import type { Log, LogFields, LogLevel } from '@dfnsjs/actor-core/ports';
import { plainFields, withoutSecrets, type LogOutput } from './log-fields.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
/** What a terminal would take for a command, or a reader for another line. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;

/** Lines for people: `12:30:05.120 warn  a commit failed  store=sqlite retryMs=5`. Times are UTC. */
export function terminalLog(level: LogLevel | 'silent', output: LogOutput, now: () => number): Log {
  const from = level === 'silent' ? LEVELS.length : LEVELS.indexOf(level);
  return {
    write(level, message, fields = {}) {
      if (LEVELS.indexOf(level) < from) return;
      output.write(`${withoutSecrets(textLine(new Date(now()), level, message, fields))}\n`);
    },
  };
}

function textLine(time: Date, level: LogLevel, message: string, fields: LogFields): string {
  const rest = Object.entries(plainFields(fields)).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${escaped(name)}=${/[\s"=]/.test(text) ? escaped(JSON.stringify(text)) : escaped(text)}`;
  });
  const start = [time.toISOString().slice(11, 23), level.padEnd(5), escaped(message)];
  return [...start, ...(rest.length > 0 ? ['', ...rest] : [])].join(' ');
}

function escaped(text: string): string {
  return text.replace(CONTROL, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
