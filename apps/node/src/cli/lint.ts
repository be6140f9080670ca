import { readFile } from 'node:fs/promises';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { extname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One thing that a check found. */
export interface Finding {
  readonly kind: 'lint' | 'history';
  /** Relative, with the line where there is one. */
  readonly place: string;
  readonly ok: boolean;
  readonly message: string;
}

export interface Linted {
  readonly findings: readonly Finding[];
  /** Why nothing was linted, and what to do. */
  readonly skipped?: string | undefined;
}

interface Eslint {
  readonly Linter: new (options: object) => {
    verify(text: string, config: readonly object[], options: object): readonly LintMessage[];
  };
}
interface LintMessage {
  readonly line?: number;
  readonly message: string;
  readonly severity: number;
}

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts']);
/** Neither ESLint nor Node read these by themselves. */
const JSX = new Set(['.tsx', '.jsx']);

/**
 * Lints files by the rules of `dfns/lint`, with the ESLint of the project in `cwd`. It sees what Node runs: types are
 * blanked out, so that lines stay and no parser for TypeScript is needed. The project's own configuration is not read.
 */
export async function lint(files: readonly string[], cwd: string): Promise<Linted> {
  const require = createRequire(join(cwd, 'package.json'));
  const eslint = await load<Eslint>(require, 'eslint');
  if (!eslint) return { findings: [], skipped: 'there is no ESLint here: npm install -D eslint' };
  const { default: dfns } = await import('@dfnsjs/testing/lint');
  const config = { ...dfns.configs.recommended, files: ['**/*.{js,mjs,cjs,ts,mts,cts}'] };
  const linter = new eslint.Linter({ cwd });
  const findings: Finding[] = [];
  for (const path of files.filter(each => !JSX.has(extname(each)))) {
    const file = relative(cwd, path);
    const text = await readFile(path, 'utf8');
    const code = TYPESCRIPT.has(extname(path)) ? stripTypeScriptTypes(text) : text;
    const messages = linter.verify(code, [config], { filename: path });
    if (messages.length === 0) findings.push({ kind: 'lint', place: file, ok: true, message: 'no findings' });
    for (const { line, message, severity } of messages) {
      findings.push({ kind: 'lint', place: line ? `${file}:${line}` : file, ok: severity < 2, message });
    }
  }
  const unread = files.filter(path => JSX.has(extname(path))).map(path => relative(cwd, path));
  return unread.length === 0
    ? { findings }
    : { findings, skipped: `${unread.join(', ')}: JSX is for your own ESLint with dfns/lint` };
}

async function load<T>(require: NodeJS.Require, name: string): Promise<T | undefined> {
  let path: string;
  try {
    path = require.resolve(name);
  } catch {
    return undefined;
  }
  const loaded = (await import(pathToFileURL(path).href)) as T & { default?: T };
  return loaded.default ?? loaded;
}
