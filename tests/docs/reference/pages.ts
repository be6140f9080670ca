import { join } from 'node:path';
import { ROOT } from '../pages.ts';
import { apiPage, ENTRIES, fileOf } from './api.ts';
import { commandPage } from './command.ts';
import { Declarations } from './declarations.ts';
import { httpPage } from './http.ts';
import { page } from './markdown.ts';
import { metricsPage } from './metrics.ts';
import { optionsPage } from './options.ts';

export const FOLDER = join(ROOT, 'docs/reference');

/** All pages of docs/reference, by the name of their file, made from what was built. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const entries = Object.keys(ENTRIES) as (keyof typeof ENTRIES)[];
  const declarations = new Declarations(entries.map(fileOf));
  const api = entries.map(entry => {
    const [name] = ENTRIES[entry];
    return [`${name.replace('/', '-')}.md`, name, apiPage(declarations, entry)] as const;
  });
  const others = [
    ['http.md', 'HTTP', httpPage()],
    ['command.md', 'the command', await commandPage()],
    ['options.md', 'options of a node, and the environment', optionsPage(declarations)],
    ['metrics.md', 'metrics', metricsPage()],
  ] as const;
  const all = [...api, ...others];
  const contents = all.map(([file, name]) => `- [${name}](${file})`).join('\n');
  return new Map([['README.md', page('Reference', [contents])], ...all.map(([file, , text]) => [file, text] as const)]);
}
