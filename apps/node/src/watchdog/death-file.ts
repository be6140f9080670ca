import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Millis } from '@dfnsjs/actor-core/values';
import { entryOf, type Entry } from './stage.ts';

/** Whose code took a process down, and how that is known. */
export interface Death extends Pick<Entry, 'eid' | 'command' | 'isBody' | 'address'> {
  /** When; it names the death. */
  readonly at: Millis;
  readonly build: string;
}

/** A line of the file: a death, or that a process began that has not ended in order. */
export type Line = Death | { readonly began: Millis };

/** Beside a store: the deaths of its processes, and an image of the stage of the one that lives. */
export interface DeathPaths {
  readonly deaths: string;
  readonly image: string;
}

/** Names whose code the process dies of. */
export function noteDeath(paths: DeathPaths, entry: Entry, build: string, now: Millis): void {
  // The line before may have been cut off.
  appendFileSync(paths.deaths, `\n${JSON.stringify({ ...entry, at: now, build })}\n`);
  rmSync(paths.image, { force: true });
}

/** The process ends in order. */
export function endInOrder(paths: DeathPaths): void {
  const deaths = readLines(paths.deaths).filter(isDeath);
  if (deaths.length > 0) writeLines(paths.deaths, deaths);
  else rmSync(paths.deaths, { force: true });
  rmSync(paths.image, { force: true });
}

/** All lines anew, or none. */
export function writeLines(path: string, lines: readonly Line[]): void {
  const next = `${path}-next`;
  writeFileSync(next, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  renameSync(next, path);
}

export function readLines(path: string): Line[] {
  return (read(path)?.toString('utf8') ?? '').split('\n').flatMap(line => parse(line) ?? []);
}

export function readImage(path: string): Entry | null {
  const image = read(path);
  return image ? entryOf(image) : null;
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A line that is cut off or is none says nothing. */
function parse(text: string): Line | undefined {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof line !== 'object' || line === null) return undefined;
  const { began, at, eid, build } = line as Partial<Death & { began: Millis }>;
  if (typeof began === 'number') return { began };
  return typeof at === 'number' && typeof eid === 'number' && typeof build === 'string' ? (line as Death) : undefined;
}

export function isDeath(line: Line): line is Death {
  return 'eid' in line;
}
