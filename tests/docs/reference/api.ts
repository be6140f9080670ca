import { join } from 'node:path';
import { ROOT } from '../pages.ts';
import type { Declarations, Declared } from './declarations.ts';
import { block, page, prose } from './markdown.ts';

/** The entry points that users import, with what each is for. */
export const ENTRIES = {
  index: ['dfns', 'Workflows, tasks and messages; a node in this process; errors.'],
  client: ['dfns/client', 'The client over HTTP alone: for browsers, edge runtimes and processes that run no node.'],
  testing: ['dfns/testing', 'Tests in virtual time, mocks, replay of histories; for any test runner.'],
  lint: ['dfns/lint', 'A plugin of ESLint for workflow code.'],
  store: ['dfns/store', 'What a store of one’s own implements, and the suite that it must pass.'],
} as const;

export const fileOf = (entry: keyof typeof ENTRIES) => join(ROOT, `packages/dfns/dist/${entry}.d.ts`);

export function apiPage(declarations: Declarations, entry: keyof typeof ENTRIES): string {
  const [name, what] = ENTRIES[entry];
  const all = declarations.exportsOf(fileOf(entry));
  const values = all.filter(({ kind }) => kind === 'value');
  const types = all.filter(({ kind }) => kind === 'type');
  return page(name, [
    what,
    ...(values.length > 0 ? ['## Functions, classes and values', ...values.map(section)] : []),
    ...(types.length > 0 ? ['## Types', ...types.map(section)] : []),
  ]);
}

function section({ name, doc, code }: Declared): string {
  return [`### ${name}`, ...(doc ? [prose(doc)] : []), block('typescript', code)].join('\n\n');
}
