import { join } from 'node:path';
import ts from '@dfnsjs/lint-parser/typescript';
import { ROOT } from '../pages.ts';

/** One name that an entry point gives. */
export interface Declared {
  readonly name: string;
  readonly kind: 'value' | 'type';
  /** What its doc comment says, in Markdown; empty: it has none. */
  readonly doc: string;
  /** As the built declarations have it, with the comments of its members. */
  readonly code: string;
}

/** One property of an interface of options. */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

/** The built declarations of entry points, by their files: what a user's editor shows. */
export class Declarations {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  constructor(files: readonly string[]) {
    this.#program = ts.createProgram([...files], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    });
    this.#checker = this.#program.getTypeChecker();
  }

  /** All that the file exports, by name. Names that belong to another project are left to its own documentation. */
  exportsOf(file: string): readonly Declared[] {
    const declared = this.#symbolsOf(file).flatMap(({ name, symbol }) => this.#declared(name, symbol));
    return declared.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The properties of an interface that the file exports, in their order. */
  membersOf(file: string, name: string): readonly Member[] {
    const symbol = this.#symbolsOf(file).find(each => each.name === name)?.symbol;
    const declaration = symbol?.declarations?.find(each => ts.isInterfaceDeclaration(each));
    if (!declaration) throw new Error(`${file} has no interface ${name}.`);
    return declaration.members
      .filter(each => ts.isPropertySignature(each))
      .map(member => ({
        name: member.name.getText(),
        // `| undefined` says only that leaving it out may be said.
        type: (member.type?.getText() ?? 'unknown').replace(/ \| undefined$/, ''),
        doc: docOf(member),
      }));
  }

  #symbolsOf(file: string): readonly { readonly name: string; readonly symbol: ts.Symbol }[] {
    const source = this.#program.getSourceFile(file);
    const module = source && this.#checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} is no module: build first.`);
    return this.#checker.getExportsOfModule(module).map(each => ({
      name: each.getName(),
      symbol: each.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(each) : each,
    }));
  }

  #declared(name: string, symbol: ts.Symbol): readonly Declared[] {
    const own = (symbol.declarations ?? []).filter(each => isOwn(each.getSourceFile().fileName));
    const statements = [...new Set(own.map(statementOf))];
    if (statements.length === 0) return [];
    const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0;
    const docs = [...new Set(statements.map(docOf).filter(doc => doc !== ''))];
    return [
      {
        name,
        kind: isValue ? 'value' : 'type',
        doc: docs.join('\n\n'),
        code: statements.map(each => codeOf(each)).join('\n'),
      },
    ];
  }
}

function isOwn(file: string): boolean {
  return /\/(packages|apps)\/[^/]+\/dist\//.test(file);
}

/** The whole statement of a variable, which alone has `const` and the comment. */
function statementOf(declaration: ts.Declaration): ts.Node {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

/** The text of the last comment before the node: the one that editors show. */
function docOf(node: ts.Node): string {
  const docs = ts.getJSDocCommentsAndTags(node).filter(each => ts.isJSDoc(each));
  const text = docs.at(-1)?.getText() ?? '';
  const lines = text
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, '').trimEnd());
  return lines.join('\n').trim();
}

/** Without `export declare`, and without what is private. */
function codeOf(node: ts.Node): string {
  // What the compiler calls a default export that has no name.
  const text = node
    .getText()
    .replace(/^(export )?(declare )?/, '')
    .replace(/^const _default/, 'const plugin');
  return text
    .split('\n')
    .filter(line => !/^\s*(#private;|private )/.test(line))
    .join('\n');
}
