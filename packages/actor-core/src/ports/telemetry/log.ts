/** How much a line matters, the least first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** What a line is about, beside its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured lines; `fields` hold no payloads, keys or passwords. */
export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

/** A log whose lines have these fields too, whatever else they say. One that throws loses lines, and stops nothing. */
export function withFields(log: Log, fixed: LogFields): Log {
  return {
    write(level, message, fields) {
      try {
        log.write(level, message, { ...fields, ...fixed });
      } catch {
        // There is nowhere to tell it.
      }
    },
  };
}
