import { stripVTControlCharacters, styleText } from 'node:util';
import type { Io, Output } from './io.ts';

/** Where nothing says how wide it is: a pipe takes whole lines. */
const UNBOUNDED = Number.POSITIVE_INFINITY;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** Colours text, or gives it back as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colour on a terminal, unless NO_COLOR is set (no-color.org) or it is dumb; FORCE_COLOR asks for it anywhere. */
export function paintFor(output: Output, env: NodeJS.ProcessEnv): Paint {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const terminal = output.isTTY === true && env['TERM'] !== 'dumb';
  const on = !env['NO_COLOR'] && (terminal || forced);
  return on ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

export function widthOf({ isTTY, columns }: Output): number {
  return isTTY ? (columns ?? 80) : UNBOUNDED;
}

/**
 * Text of others on a terminal: control characters would move its cursor, retitle it or worse, so they are shown as
 * escapes. Line breaks stay where `lines` says so.
 */
export function printable(text: string, lines = false): string {
  // oxlint-disable-next-line no-control-regex
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, char =>
    lines && (char === '\n' || char === '\t') ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Writes a line to standard output. */
export function say(io: Pick<Io, 'stdout'>, text: string): void {
  io.stdout.write(`${text}\n`);
}
