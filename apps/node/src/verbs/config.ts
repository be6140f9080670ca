import { NODE_OPTIONS, readRequest } from '../cli/node-request.ts';
import { readSettings, withOrigin, type NodeSettings } from '../cli/node-settings.ts';
import { parseOptions } from '../options.ts';
import { hidePassword } from '../cli/secrets.ts';
import { toJson } from '../cli/json.ts';
import { table } from '../cli/table.ts';
import { paintFor, say, widthOf } from '../cli/terminal.ts';
import { filesOrDefault } from '../cli/user-files.ts';
import type { Verb } from '../cli/verb.ts';

/** Options whose value is never shown. */
const SECRET = /key|password|secret|token/i;

export const verb: Verb = {
  summary: 'Show the options in force for a node here, and where each comes from.',
  details: 'Flag over environment (DFNS_*) over config file over default. Passwords and keys are hidden.',
  arguments: [['[files...]', 'as dfns serve takes them']],
  options: [...NODE_OPTIONS, { flags: '--json', help: 'as JSON' }],
  examples: ['config', 'config --json'],
  async run(given, io) {
    const settings = await readSettings(readRequest(given, io.cwd, io.env, {}), io.env);
    try {
      parseOptions({ workflows: [], ...settings.values });
    } catch (error) {
      throw withOrigin(error, settings);
    }
    const rows = [...settings.origins].map(([option, origin]) => ({
      option,
      value: hide(option, at(settings.values, option)),
      origin,
    }));
    const files = await filesInForce(settings, io.cwd);
    if (given.flag('json')) {
      const { imports, configPath } = settings;
      return say(io, toJson({ config: configPath ?? null, files, imports, options: rows }));
    }
    const style = { width: widthOf(io.stdout), paint: paintFor(io.stdout, io.env) };
    say(io, `config file  ${settings.configPath ?? 'none'}`);
    const byDefault = settings.files.length === 0 ? ' (default)' : '';
    say(io, `files        ${files.length > 0 ? files.join(' ') + byDefault : 'none'}`);
    if (rows.length === 0) return say(io, 'options      all at their defaults');
    const columns = [
      { title: 'OPTION', cell: (row: (typeof rows)[number]) => row.option },
      { title: 'VALUE', cell: (row: (typeof rows)[number]) => row.value, shrinks: true },
      { title: 'FROM', cell: (row: (typeof rows)[number]) => row.origin },
    ];
    say(io, `\n${table(rows, columns, style)}`);
  },
};

/** Those that a node here would load. */
async function filesInForce({ files, values }: NodeSettings, cwd: string): Promise<readonly string[]> {
  if (files.length === 0 && values['workflows'] !== undefined) return files;
  return filesOrDefault(files, cwd).catch(() => files);
}

function at(values: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], values);
}

function hide(option: string, value: unknown): string {
  if (SECRET.test(option)) return '(hidden)';
  if (typeof value === 'string') return hidePassword(value);
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Array.isArray(value)
      ? `${value.length} ${value.length === 1 ? 'item' : 'items'}`
      : '{…}'
    : String(value);
}
