export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured lines; `fields` hold no payloads, keys or passwords. */
export interface Log {
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}
