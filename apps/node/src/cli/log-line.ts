import type { Io } from './io.ts';

/** A failure as a line of a log has it. */
export interface LoggedFailure {
  readonly code?: string | undefined;
  readonly msg: string;
  readonly stack?: string | undefined;
}

/**
 * A line of a node's parent, among those of its node: text on a terminal, else JSON as the node's are. pino would write no
 * other, and the parent loads it for nothing else.
 */
export function logError(io: Pick<Io, 'stderr'>, text: string, entry: Readonly<Record<string, unknown>>): void {
  const line = () => JSON.stringify({ level: 'error', time: new Date().toISOString(), ...entry });
  io.stderr.write(`${io.stderr.isTTY ? text : line()}\n`);
}
