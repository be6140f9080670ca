import { DfnsError } from '@dfnsjs/actor-core';
import { toJson } from './json.ts';
import type { LoggedFailure } from './log-line.ts';
import { printable, type Paint } from './terminal.ts';

/** What went wrong, for standard error: a sentence for people, one line of JSON for machines. */
export function describeFailure(error: unknown, json: boolean, paint: Paint, env: NodeJS.ProcessEnv): string {
  if (error instanceof DfnsError) {
    const { code, message, details } = error;
    if (json) return toJson({ error: { code, message, ...(details ? { details } : {}) } });
    const stack = env['DFNS_DEBUG'] && error.stack ? `\n${error.stack}` : '';
    return `${paint('red', 'error')} ${printable(message, true)} ${paint('dim', `(${code})`)}${stack}`;
  }
  const said = saidOf(error);
  if (json) return toJson({ error: { code: 'INTERNAL', message: said } });
  // Where in dfns it was thrown says nothing to its users.
  const more = env['DFNS_DEBUG'] ? ((error as Error | undefined)?.stack ?? '') : 'DFNS_DEBUG=1 shows where.';
  return `${paint('red', 'error')} ${printable(said, true)}\n${printable(more, true)}`;
}

/** The same for a log whose lines are JSON. `clean` leaves out what no log is to hold. */
export function loggedFailure(error: unknown, env: NodeJS.ProcessEnv, clean: (text: string) => string): LoggedFailure {
  const code = error instanceof DfnsError ? error.code : 'INTERNAL';
  const stack = (env['DFNS_DEBUG'] && (error as Error | undefined)?.stack) || undefined;
  const said = error instanceof DfnsError ? error.message : saidOf(error);
  return { code, ...(stack === undefined ? {} : { stack: clean(stack) }), msg: clean(said) };
}

function saidOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** How an execution failed, with the causes below it. */
export function describeError(error: Error, paint: Paint): string {
  const lines: string[] = [];
  let each: unknown = error;
  for (let depth = 0; each instanceof Error && depth < 10; depth++) {
    // A failure of the user's own has no code of its own: INTERNAL would blame dfns.
    const code = 'code' in each && typeof each.code === 'string' && each.code !== 'INTERNAL' ? ` (${each.code})` : '';
    lines.push(`${'  '.repeat(depth)}${depth > 0 ? 'caused by ' : ''}${each.name}: ${each.message}${code}`);
    each = each.cause;
  }
  return paint('red', printable(lines.join('\n'), true));
}
