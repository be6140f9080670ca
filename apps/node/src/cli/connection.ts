import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkNames, readConfigFile, type ConfigFile } from '../config/file.ts';
import type { Target } from './connect.ts';
import type { Io, Output } from './io.ts';
import { printable } from './terminal.ts';
import { usage, type Given, type OptionSpec } from './verb.ts';

export const CONNECTION_OPTIONS: readonly OptionSpec[] = [
  { flags: '--url <url>', help: 'a node (DFNS_URL; default: that of `dfns dev` here, else http://127.0.0.1:3367)' },
  { flags: '--api-key <key>', help: 'key to speak with (DFNS_API_KEY)' },
  { flags: '--namespace <name>', help: 'namespace (DFNS_NAMESPACE; default "default")' },
  { flags: '--profile <name>', help: 'url, apiKey and namespace of `profiles` in the config file (DFNS_PROFILE)' },
];

const DEFAULT_URL = 'http://127.0.0.1:3367';
const PROFILE_NAMES = ['url', 'apiKey', 'namespace'];

/** Flag over environment over profile over config file over the dev server of this folder. */
export async function readTarget(given: Given, { env, cwd, stderr }: Io): Promise<Target> {
  const values = await readValues(given, env, cwd, stderr);
  const profile = readProfile(given.text('profile') ?? env['DFNS_PROFILE'], values['profiles']);
  const pick = (name: string, variable: string) =>
    given.text(name) ?? (env[variable] || undefined) ?? asText(profile[name]) ?? asText(values[name]);
  const url = pick('url', 'DFNS_URL') ?? (await devServerUrl(cwd)) ?? DEFAULT_URL;
  return { url: asUrl(url), apiKey: pick('apiKey', 'DFNS_API_KEY'), namespace: pick('namespace', 'DFNS_NAMESPACE') };
}

/**
 * The config file, which may be wrong in what only a node needs: verbs that ask one say so and go on. Not where it says
 * which node that is by a profile, or was named itself.
 */
async function readValues(
  given: Given,
  env: NodeJS.ProcessEnv,
  cwd: string,
  stderr: Output,
): Promise<Readonly<Record<string, unknown>>> {
  const named = given.text('config') ?? (env['DFNS_CONFIG'] || undefined);
  const isNeeded = named !== undefined || (given.text('profile') ?? (env['DFNS_PROFILE'] || undefined)) !== undefined;
  let file: ConfigFile | undefined;
  try {
    file = await readConfigFile(cwd, named);
    if (file) await checkNames(file, (await import('../options.ts')).optionNames());
  } catch (error) {
    if (isNeeded && !file) throw error;
    const { message } = error as Error;
    const goesOn = file ? '' : ' Its url, apiKey and namespace are not known.';
    stderr.write(`warning: ${printable(message, true)}${goesOn}\n`);
  }
  return file?.values ?? {};
}

/** `localhost:3367` too. */
function asUrl(text: string): string {
  const url = /^[\w.-]+(:\d+)?(\/|$)|^\[[\da-f:]+\]/i.test(text) ? `http://${text}` : text;
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url;
  throw usage(`The URL of a node must be such as ${DEFAULT_URL}, got ${JSON.stringify(text)}.`);
}

function readProfile(name: string | undefined, profiles: unknown): Readonly<Record<string, unknown>> {
  if (name === undefined) return {};
  const known = new Map(Object.entries((profiles ?? {}) as Record<string, Record<string, unknown>>));
  const profile = known.get(name);
  if (!profile) {
    const there = known.size > 0 ? `There are: ${[...known.keys()].join(', ')}.` : 'The config file has no `profiles`.';
    throw usage(`There is no profile "${name}". ${there}`);
  }
  const wrong = Object.keys(profile).find(key => !PROFILE_NAMES.includes(key));
  if (wrong)
    throw usage(`There is no option "${wrong}" in profile "${name}". Its options are: ${PROFILE_NAMES.join(', ')}.`);
  return profile;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Where the dev server of a folder says what it is: it goes with the server. */
export const devFile = (folder: string) => join(folder, '.dfns', 'dev.json');

async function devServerUrl(folder: string): Promise<string | undefined> {
  try {
    const { url, pid } = JSON.parse(await readFile(devFile(folder), 'utf8')) as { url: string; pid: number };
    // One that was killed left its file behind.
    process.kill(pid, 0);
    return url;
  } catch {
    return undefined;
  }
}
