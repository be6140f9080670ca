import { CLIENT_VARIABLES, variableOf } from '../../../apps/node/dist/config/environment.js';
import { textOptions } from '../../../apps/node/dist/options.js';
import { fileOf } from './api.ts';
import type { Declarations, Member } from './declarations.ts';
import { code, page, prose } from './markdown.ts';

/** The options of a node, with the variable of the environment that each may come from. */
export function optionsPage(declarations: Declarations): string {
  const variables = new Map(textOptions().map(({ path }) => [path.join('.'), variableOf(path)]));
  const sections = (room: string, members: readonly Member[]) =>
    members.map(member => section(room + member.name, member, variables));
  const file = fileOf('index');
  return page('Options of a node', [
    'Of `startNode`, of `dfns.config.{ts,js,json}`, and, where they have a form in text, of the environment and of flags ' +
      'of `dfns serve`: flag over environment over file over default. `dfns config` shows those in force, and where each ' +
      'comes from. In text a duration has its unit: `30s`. `files` of a config file are those that export workflows and ' +
      'tasks, from the folder of that file; all other paths are from the working directory.',
    ...sections('', declarations.membersOf(file, 'NodeOptions')),
    '## Under `http`',
    ...sections('http.', declarations.membersOf(file, 'HttpOptions')),
    '## Of the command that asks a node',
    ...Object.entries(CLIENT_VARIABLES).map(([name, meaning]) => `- ${code(name)}: ${meaning}`),
  ]);
}

function section(name: string, { type, doc }: Member, variables: ReadonlyMap<string, string>): string {
  const variable = variables.get(name);
  const nested = [...variables].filter(([path]) => path.startsWith(`${name}.`) && name !== 'http');
  const from = [...(variable ? [variable] : []), ...nested.map(([path, each]) => `${each} (${path})`)];
  const environment = from.length > 0 ? ` Environment: ${from.map(code).join(', ')}.` : '';
  return [`### ${name}`, `${code(type.replaceAll(/\s+/g, ' '))}.${environment}`, prose(doc)].join('\n\n');
}
