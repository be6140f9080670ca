import type { Log, LogFields, LogLevel } from '@dfnsjs/actor-core/ports';

/** A log that says of which node each line is, once that has a name. */
export class NamedLog implements Log {
  node: string | undefined;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  write(level: LogLevel, message: string, fields?: LogFields): void {
    this.#log.write(level, message, this.node === undefined ? fields : { node: this.node, ...fields });
  }
}
