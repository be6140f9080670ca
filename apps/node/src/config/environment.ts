import { DfnsError } from '@dfnsjs/actor-core';
import { nearest } from '@dfnsjs/actor-core/values';
import { textOptions, type TextOption } from '../options.ts';
import type { Layer } from './settings.ts';

/** Read by the command itself, not by a node, with what each says. */
export const CLIENT_VARIABLES = {
  DFNS_URL: 'the node that verbs ask, as `--url`',
  DFNS_API_KEY: 'the key that they send, as `--api-key`',
  DFNS_PROFILE: 'a profile of the config file, as `--profile`',
  DFNS_CONFIG: 'the config file, as `--config`',
};
/** What Kubernetes sets in every container beside a service that is called dfns. */
const SERVICE_VARIABLE = /^DFNS_(SERVICE_|PORT$|PORT_\d+_)/;

/**
 * Node options of `DFNS_*`: `DFNS_STORE` is `store`, `DFNS_HTTP_PORT` is `http.port`. VALIDATION names a variable that
 * is none but nearly one; others are left alone, since they may be another program's.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, options: readonly TextOption[] = textOptions()): Layer {
  const known = new Map(options.map(option => [variableOf(option.path), option]));
  const values: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('DFNS_') || text === undefined || text === '') continue;
    const option = known.get(name);
    if (option) {
      setAt(values, option.path, readText(option, text, name));
      origins.set(option.path.join('.'), name);
    } else if (!(name in CLIENT_VARIABLES) && !SERVICE_VARIABLE.test(name)) {
      const near = nearest(
        name.slice(5),
        [...known.keys(), ...Object.keys(CLIENT_VARIABLES)].map(each => each.slice(5)),
      );
      if (near !== undefined) {
        throw new DfnsError('VALIDATION', `There is no ${name} (in the environment). Did you mean DFNS_${near}?`);
      }
    }
  }
  return { values, origin: path => origins.get(path) ?? 'the environment' };
}

/** `http.apiKeys` goes without its room, as the contract names it. */
export function variableOf(path: readonly string[]): string {
  const joined = path.join('.') === 'http.apiKeys' ? ['apiKeys'] : path;
  return `DFNS_${joined.map(part => part.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()).join('_')}`;
}

/** The value that an option has in text. `where` names its place in the error. */
export function readText({ kind }: TextOption, text: string, where: string): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'number': {
      const number = Number(text);
      if (text.trim() === '' || Number.isNaN(number)) {
        throw new DfnsError('VALIDATION', `${where} must be a number, got ${JSON.stringify(text.slice(0, 40))}.`);
      }
      return number;
    }
    case 'boolean': {
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw new DfnsError('VALIDATION', `${where} must be true or false, got ${JSON.stringify(text.slice(0, 40))}.`);
    }
    case 'list':
      return text.split(',').filter(part => part !== '');
  }
}

function setAt(values: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) values[first] = value;
  else {
    const room = typeof values[first] === 'object' ? (values[first] as Record<string, unknown>) : {};
    values[first] = room;
    setAt(room, rest, value);
  }
}
