import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkNames, readConfigFile } from '../config/file.ts';
import type { Target } from './connect.ts';
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
export async function readTarget(given: Given, env: NodeJS.ProcessEnv, cwd: string): Promise<Target> {
  const file = await readConfigFile(cwd, given.text('config') ?? env['DFNS_CONFIG']);
  if (file) {
    const { optionNames } = await import('../options.ts');
    await checkNames(file, optionNames());
  }
  const values = file?.values ?? {};
  const profile = readProfile(given.text('profile') ?? env['DFNS_PROFILE'], values['profiles']);
  const pick = (name: string, variable: string) =>
    given.text(name) ?? (env[variable] || undefined) ?? asText(profile[name]) ?? asText(values[name]);
  const url = pick('url', 'DFNS_URL') ?? (await devServerUrl(cwd)) ?? DEFAULT_URL;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw usage(`The URL of a node must be such as ${DEFAULT_URL}, got ${JSON.stringify(url)}.`);
  }
  return { url, apiKey: pick('apiKey', 'DFNS_API_KEY'), namespace: pick('namespace', 'DFNS_NAMESPACE') };
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
