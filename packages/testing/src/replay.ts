import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DfnsError, type AnyWorkflow } from '@dfnsjs/actor-core';
import { replayRun, WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Log } from '@dfnsjs/actor-core/ports';
import { parseHistory, type HistoryFile } from '@dfnsjs/actor-core/records';
import type { Handle, HistoryOptions } from '@dfnsjs/client';
import { Agenda } from './world/agenda.ts';
import { NodeClock } from './world/clock.ts';
import { Hops } from './world/hops.ts';

/** What a history met in today's code. */
export type ReplayResult = ReplayPassed | ReplayFailed;

interface Replayed {
  /** The file it came from, if it did. */
  readonly file?: string | undefined;
  readonly workflow: string;
  readonly version: number;
  readonly id: string;
  readonly runId: string;
  /** Turns of the history. */
  readonly turns: number;
  /** What would not stop an execution, but is worth a look: a task that is given another input, for one. */
  readonly warnings: readonly string[];
}

/** A history that today's code repeats. */
export interface ReplayPassed extends Replayed {
  readonly ok: true;
}

/** A history that today's code does not repeat, and where it leaves it. */
export interface ReplayFailed extends Partial<Replayed> {
  readonly ok: false;
  /** NON_DETERMINISM; UNKNOWN_WORKFLOW where the code is not among `workflows`; in `replayEach` VALIDATION for a file. */
  readonly error: DfnsError;
  /** Where they part: the turn, what the history has, what the code asked for, and the line that asked. */
  readonly turn?: number | undefined;
  readonly expected?: string | undefined;
  readonly asked?: string | undefined;
  readonly line?: string | undefined;
}

/**
 * Runs a recorded history against today's code: no store, no task body, no waiting. Says whether an execution that was
 * where the history ends could go on with this code, and if not, at which turn and line they part.
 *
 * ```ts
 * const result = await replay(await handle.exportHistory(), [order]);
 * if (!result.ok) throw result.error;
 * ```
 *
 * @param history what `handle.exportHistory()`, `recordHistory` or GET …/history?format=export gave, or the path of its
 *   file. VALIDATION for anything else.
 */
export async function replay(
  history: HistoryFile | string | URL,
  workflows: readonly AnyWorkflow[],
): Promise<ReplayResult> {
  const inFile = typeof history === 'string' || history instanceof URL;
  const file = inFile ? pathOf(history) : undefined;
  const { run, turns } = parseHistory(inFile ? await readJson(file!) : history);
  const registry = new WorkflowRegistry();
  for (const each of workflows) registry.register(each);
  const warnings: string[] = [];
  const log: Log = {
    write: (level, message, fields) => {
      if (level === 'warn' || level === 'error') warnings.push(`${message}${shownFields(fields)}`);
    },
  };
  const { workflow, version, id, runId } = run;
  const replayed = { ...(file ? { file } : {}), workflow, version, id, runId, turns: turns.length, warnings };
  const clock = new NodeClock(new Agenda(run.startedAt), new Hops());
  try {
    await replayRun({ workflows: registry, clock, log }, run, turns);
    return { ...replayed, ok: true };
  } catch (error) {
    return failed(error, replayed);
  }
}

/** Replays each history of a folder, one after the other: what tools build their reports of. */
export async function* replayEach(
  folder: string | URL,
  workflows: readonly AnyWorkflow[],
): AsyncIterable<ReplayResult & { readonly file: string }> {
  for (const file of await historiesIn(pathOf(folder))) {
    const result = await replay(file, workflows).catch((error: unknown) => failed(error, {}));
    yield { ...result, file };
  }
}

/**
 * Replays all histories of a folder (its `.json` files, and those of folders in it) against today's code. Rejects with
 * an error that names each file whose execution this code would break, and where; with VALIDATION where there is no
 * history at all.
 *
 * ```ts
 * test('executions of last week go on with this code', () => replayAll('test/histories', [order, refund]));
 * ```
 */
export async function replayAll(
  folder: string | URL,
  workflows: readonly AnyWorkflow[],
): Promise<readonly ReplayResult[]> {
  const results: (ReplayResult & { readonly file: string })[] = [];
  for await (const result of replayEach(folder, workflows)) results.push(result);
  if (results.length === 0) {
    throw new DfnsError(
      'VALIDATION',
      `There are no histories in ${pathOf(folder)}. Record one with recordHistory(handle, path).`,
    );
  }
  const broken = results.filter(result => !result.ok);
  if (broken.length === 0) return results;
  const lines = broken.map(({ file, error }) => `  ${file}: ${error.message}`);
  throw new DfnsError(
    broken[0]!.error.code,
    `${broken.length} of ${results.length} histories cannot go on with this code.\n${lines.join('\n')}`,
    { cause: broken[0]!.error, details: { results } },
  );
}

/** Writes an execution's history to a file, to be replayed by later code. Makes the folder; an earlier file goes. */
export async function recordHistory(
  handle: Pick<Handle, 'exportHistory'>,
  path: string | URL,
  options?: HistoryOptions,
): Promise<HistoryFile> {
  const history = await handle.exportHistory(options);
  const file = pathOf(path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(history, null, 2)}\n`);
  return history;
}

function failed(error: unknown, replayed: Partial<Replayed>): ReplayFailed {
  if (!(error instanceof DfnsError)) throw error;
  const { turn, expected, asked, line } = (error.details ?? {}) as Partial<ReplayFailed>;
  return { ...replayed, ok: false, error, turn, expected, asked, line };
}

async function historiesIn(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (error) {
    throw unreadable(folder, error);
  }
  return names
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => join(folder, name));
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new DfnsError('VALIDATION', `${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

function unreadable(path: string, cause: unknown): DfnsError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DfnsError('VALIDATION', `${path} cannot be read: ${message}`, { cause });
}

function pathOf(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : path;
}

function shownFields(fields: Readonly<Record<string, unknown>> | undefined): string {
  const shown = Object.entries(fields ?? {}).filter(([name]) => name !== 'executionId' && name !== 'workflow');
  return shown.length === 0 ? '' : ` (${shown.map(([name, value]) => `${name} ${String(value)}`).join(', ')})`;
}
