import type { Scope } from 'eslint';
import type * as ES from 'estree';
import { bare, propertyOf, type Node } from './syntax.ts';

/** What a variable stands for, of another module: an exported name, or `*` and `default` for the whole. */
export interface Imported {
  readonly name: string;
  readonly source: string;
}

/** Ways to write a global of Node as an import. */
const GLOBALS: readonly { readonly source: RegExp; readonly names: readonly string[]; readonly global: string }[] = [
  { source: /^(node:)?process$/, names: ['*', 'default'], global: 'process' },
  { source: /^(node:)?crypto$/, names: ['webcrypto'], global: 'crypto' },
];

/** Of `import { name } from 'source'`, `const { name } = require('source')` and their kin; undefined for other variables. */
export function importOf({ defs }: Scope.Variable): Imported | undefined {
  const definition = defs[0];
  if (definition?.type === 'ImportBinding') {
    const { parent, node } = definition as unknown as { parent: ES.ImportDeclaration; node: Node };
    return { name: importedName(node), source: String(parent.source.value) };
  }
  if (definition?.type !== 'Variable') return undefined;
  const { id, init } = definition.node;
  const source = init && requiredBy(bare(init));
  if (source === undefined || source === null) return undefined;
  if (id.type === 'Identifier') return { name: '*', source };
  if (id.type !== 'ObjectPattern') return undefined;
  for (const property of id.properties) {
    if (property.type !== 'Property' || property.value !== definition.name) continue;
    const { key } = property;
    return { name: key.type === 'Identifier' ? key.name : String((key as ES.Literal).value), source };
  }
  return undefined;
}

export function importedName(specifier: Node): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  if (specifier.type !== 'ImportSpecifier') return 'default';
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : String(specifier.imported.value);
}

/** The global that is imported, by its name, or the import as it is. */
export function asGlobal(imported: Imported): { readonly name: string; readonly source?: string } {
  const same = GLOBALS.find(({ source, names }) => source.test(imported.source) && names.includes(imported.name));
  return same ? { name: same.global } : imported;
}

/** The module of `require('…')`, `process.getBuiltinModule('…')` and `await import('…')`. */
function requiredBy(init: Node): string | undefined {
  if (init.type === 'AwaitExpression') {
    const awaited = bare(init.argument);
    return awaited.type === 'ImportExpression' ? text(awaited.source) : undefined;
  }
  if (init.type !== 'CallExpression') return undefined;
  const callee = bare(init.callee);
  const requires =
    (callee.type === 'Identifier' && callee.name === 'require') ||
    (callee.type === 'MemberExpression' && propertyOf(callee) === 'getBuiltinModule');
  return requires ? text(init.arguments[0]) : undefined;
}

function text(node: Node | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}
