type Fields = Readonly<Record<string, unknown>>;

/** Lines that carry the execution, run and task they come from. Keep payloads and secrets out of `fields`. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}
