import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DfnsError, type AnyTask, type AnyWorkflow } from '@dfnsjs/actor-core';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';

export interface UserCode {
  /** Absolute. */
  readonly files: readonly string[];
  readonly workflows: readonly AnyWorkflow[];
  readonly tasks: readonly AnyTask[];
}

export interface LoadOptions {
  /** What the paths are relative to. */
  readonly folder: string;
  /** Modules to import first: loaders for more than Node's own type stripping, such as `tsx`. */
  readonly imports?: readonly string[] | undefined;
}

/**
 * Imports files and collects every workflow and task that they export. VALIDATION where a file cannot be loaded or
 * exports nothing of dfns, and where two have one name and version: both files are named.
 */
export async function loadFiles(paths: readonly string[], { folder, imports = [] }: LoadOptions): Promise<UserCode> {
  for (const name of imports) await importLoader(name, folder);
  const registry = new WorkflowRegistry();
  const tasks = new Map<string, { readonly task: AnyTask; readonly file: string }>();
  const files = [...new Set(paths.map(path => resolve(folder, path)))];
  for (const file of files) {
    const shown = relative(folder, file) || file;
    const exported = Object.values(await importFile(file, shown, folder));
    const workflows = exported.filter(isWorkflow);
    const exportedTasks = exported.filter(isTask);
    if (workflows.length + exportedTasks.length === 0) throw nothingIn(shown, exported);
    for (const workflow of workflows) registry.register(workflow, shown);
    for (const task of exportedTasks) {
      const before = tasks.get(task.name);
      if (before && before.task !== task) {
        throw refused(
          `Two tasks are named "${task.name}": one in ${before.file}, one in ${shown}. Give one another name.`,
        );
      }
      tasks.set(task.name, { task, file: shown });
    }
  }
  return { files, workflows: [...registry], tasks: [...tasks.values()].map(({ task }) => task) };
}

async function importFile(file: string, shown: string, folder: string): Promise<Record<string, unknown>> {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw refused(`There is no file ${shown}.`);
  if (found.isDirectory()) throw refused(`${shown} is a folder: name its files, such as ${shown}/*.ts.`);
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw refused(`${shown} cannot be loaded. ${why(error, folder)}`, error);
  }
}

async function importLoader(name: string, folder: string): Promise<void> {
  try {
    const isPath = name.startsWith('.') || name.startsWith('/');
    // As a file of the project would find it, not as dfns would.
    const from = pathToFileURL(resolve(folder, 'package.json')).href;
    await import(isPath ? pathToFileURL(resolve(folder, name)).href : resolveFrom(name, from));
  } catch (error) {
    throw refused(`--import ${name} cannot be loaded. ${why(error, folder)}`, error);
  }
}

function resolveFrom(name: string, from: string): string {
  return pathToFileURL(createRequire(from).resolve(name)).href;
}

function why(error: unknown, folder: string): string {
  if (!(error instanceof Error)) return `It threw ${String(error)}.`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return `${error.message} Give --import a loader for it.`;
  // A syntax error says where it is in its stack alone.
  const where = (error.stack ?? error.message).split('\n    at ')[0]!.trim();
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return `${where}. Node strips types only: write it without, or give --import a loader such as tsx.`;
  }
  if (error instanceof SyntaxError) return where;
  const what = error instanceof DfnsError ? error.message : `${error.name}: ${error.message}`;
  return what + placeIn(error, folder);
}

/** The first line of the user's own that the error comes through. */
function placeIn({ stack = '' }: Error, folder: string): string {
  const own = pathToFileURL(folder).href;
  const frame = stack.split('\n').find(line => /^ {4}at /.test(line) && line.includes(own));
  return frame === undefined ? '' : `\n${frame}`;
}

function nothingIn(shown: string, exported: readonly unknown[]): DfnsError {
  const declared = exported.find(value => isOurs(value, 'workflow'));
  if (declared)
    return refused(`${shown} exports only a workflow without a function: export what .implement(fn) returns.`);
  return refused(`${shown} exports no workflow and no task: export what workflow(…) or task(…) returns.`);
}

function isOurs(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === kind;
}

function isWorkflow(value: unknown): value is AnyWorkflow {
  return isOurs(value, 'workflow') && typeof (value as AnyWorkflow).run === 'function';
}

function isTask(value: unknown): value is AnyTask {
  return isOurs(value, 'task') && typeof (value as AnyTask).run === 'function';
}

function refused(message: string, cause?: unknown): DfnsError {
  return new DfnsError('VALIDATION', message, cause === undefined ? {} : { cause });
}
