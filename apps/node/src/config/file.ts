import { access, readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DfnsError } from '@dfnsjs/actor-core';
import { nearest } from '@dfnsjs/actor-core/values';
import { COMMAND_OPTIONS } from './settings.ts';

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export const CONFIG_NAMES = ['dfns.config.ts', 'dfns.config.js', 'dfns.config.json'] as const;

/**
 * Reads `dfns.config.{ts,js,json}` of a folder, or the file at `explicit`. Undefined where the folder has none.
 * VALIDATION where there are two, where it cannot be read, or exports no object.
 */
export async function readConfigFile(folder: string, explicit?: string): Promise<ConfigFile | undefined> {
  const path = explicit === undefined ? await find(folder) : resolve(folder, explicit);
  if (path === undefined) return undefined;
  const values = await load(path);
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    const how = extname(path) === '.json' ? 'hold an object' : 'export its options by `export default { … }`';
    throw refused(`${basename(path)} must ${how}.`);
  }
  return { path, values: values as Record<string, unknown> };
}

async function find(folder: string): Promise<string | undefined> {
  const there: string[] = [];
  for (const name of CONFIG_NAMES) {
    const path = resolve(folder, name);
    if (await exists(path)) there.push(path);
  }
  if (there.length > 1) {
    throw refused(`There are ${there.map(path => basename(path)).join(' and ')}: keep one, or name it by --config.`);
  }
  return there[0];
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

async function load(path: string): Promise<unknown> {
  try {
    if (extname(path) === '.json') return JSON.parse(await readFile(path, 'utf8')) as unknown;
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' || !(await exists(path));
    const why = missing ? 'There is no such file.' : error instanceof Error ? error.message : String(error);
    throw refused(`The config file ${path} cannot be read: ${why}`, error);
  }
}

/** VALIDATION for an option that no config file has: its line and the nearest that there is. */
export async function checkNames({ path, values }: ConfigFile, nodeOptions: readonly string[]): Promise<void> {
  const known = [...nodeOptions, ...COMMAND_OPTIONS];
  for (const name of Object.keys(values)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const advice = near === undefined ? `Its options are: ${known.join(', ')}.` : `Did you mean "${near}"?`;
    throw refused(`There is no option "${name}" (${await placeOf(path, name)}). ${advice}`);
  }
}

async function placeOf(path: string, name: string): Promise<string> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const pattern = new RegExp(`(^|[\\s,{'"])${name.replace(/\W/g, '\\$&')}['"]?\\s*[:,(}]`);
  const at = lines.findIndex(line => pattern.test(line));
  return at < 0 ? basename(path) : `${basename(path)}:${at + 1}`;
}

function refused(message: string, cause?: unknown): DfnsError {
  return new DfnsError('VALIDATION', message, cause === undefined ? {} : { cause });
}
