import { dirname, relative, resolve } from 'node:path';
import { DfnsError } from '@dfnsjs/actor-core';
import { readEnvironment } from '../config/environment.ts';
import { checkNames, readConfigFile, type ConfigFile } from '../config/file.ts';
import { merge, type Merged } from '../config/merge.ts';
import { COMMAND_OPTIONS, type Layer } from '../config/settings.ts';
import { optionNames } from '../options.ts';
import { flagOf, type NodeRequest } from './node-request.ts';

export interface NodeSettings extends Merged {
  readonly files: readonly string[];
  readonly imports: readonly string[];
  readonly configPath: string | undefined;
}

/** Flag over environment over file over default. VALIDATION for what no source may say. */
export async function readSettings(request: NodeRequest, env: NodeJS.ProcessEnv): Promise<NodeSettings> {
  const file = await readConfigFile(request.cwd, request.config);
  if (file) await checkNames(file, optionNames());
  const own = Object.entries(file?.values ?? {});
  const isCommandOption = (name: string) => (COMMAND_OPTIONS as readonly string[]).includes(name);
  const fileValues = Object.fromEntries(own.filter(([name]) => !isCommandOption(name)));
  const layers: Layer[] = [
    { values: request.flags, origin: path => flagOf(path) },
    readEnvironment(env),
    { values: fileValues, origin: () => relative(request.cwd, file?.path ?? '') },
    { values: request.defaults, origin: () => 'default' },
  ];
  return {
    ...merge(layers),
    files: request.files.length > 0 || !file ? request.files : filesOf(file, request.cwd),
    imports: request.imports.length > 0 ? request.imports : textList(file?.values['import'], 'import'),
    configPath: file?.path,
  };
}

/** Those that a config file names stand beside it, from wherever it is read. */
function filesOf({ path, values }: ConfigFile, cwd: string): readonly string[] {
  return textList(values['files'], 'files').map(each => relative(cwd, resolve(dirname(path), each)));
}

function textList(value: unknown, name: string): readonly string[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every(each => typeof each === 'string')) {
    throw new DfnsError('VALIDATION', `${name} of the config file must be a string or a list of strings.`);
  }
  return list;
}

/** Says of an error about an option where its value stands, and of a port that is taken by which flag to choose another. */
export function withOrigin(error: unknown, { origins }: Merged): unknown {
  if (error instanceof DfnsError && error.code === 'UNAVAILABLE' && typeof error.details?.['port'] === 'number') {
    const { port, host } = error.details;
    const origin = origins.get('http.port');
    return new DfnsError(
      'UNAVAILABLE',
      `Port ${port} of ${String(host)} is in use${origin ? ` (it is set by ${origin})` : ''}. ` +
        'End what listens there, or choose another by --port; 0 takes a free one.',
      { cause: error, details: error.details },
    );
  }
  if (!(error instanceof DfnsError) || error.code !== 'VALIDATION') return error;
  const option = error.details?.['option'];
  const [path, origin] = [...origins].find(([each]) => each === option || each.split('.')[0] === option) ?? [];
  if (path === undefined || origin === undefined || origin === 'default') return error;
  return new DfnsError('VALIDATION', `${error.message} (It is set by ${origin}.)`, {
    cause: error,
    ...(error.details ? { details: error.details } : {}),
  });
}
