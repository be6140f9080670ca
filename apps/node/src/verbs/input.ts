import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../cli/io.ts';
import { usage } from '../cli/verb.ts';

/** A value as it may be typed: JSON, `@FILE` that holds JSON, or `-` for standard input. Absent: undefined. */
export async function readInput(text: string | undefined, what: string, io: Io): Promise<unknown> {
  if (text === undefined) return undefined;
  const [json, place] = await contents(text, what, io);
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    const hint = place === '' && !/[{}[\]"\d]/.test(json) ? ` Text needs quotes: '"${json}"'.` : '';
    throw usage(`${what}${place} is not JSON: ${(error as Error).message}.${hint}`);
  }
}

async function contents(text: string, what: string, io: Io): Promise<[json: string, place: string]> {
  if (text === '-') return [await io.readStdin(), ' on standard input'];
  if (!text.startsWith('@')) return [text, ''];
  const file = text.slice(1);
  try {
    return [await readFile(resolve(io.cwd, file), 'utf8'), ` in ${file}`];
  } catch (error) {
    throw usage(`${what}: ${file} cannot be read: ${(error as Error).message}.`);
  }
}
