import { DfnsError, type AnyTask } from '@dfnsjs/actor-core';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Where each task that runs in a thread is exported: its file's URL by the task's name. VALIDATION names the file that
 * cannot be loaded, or the task that no file exports, or two do.
 */
export async function threadTasks(
  files: readonly string[],
  tasks: readonly AnyTask[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, { readonly file: string; readonly url: string; readonly task: AnyTask }>();
  for (const file of files) {
    const url = urlOf(file);
    for (const task of await exportedBy(file, url)) {
      const before = found.get(task.name);
      if (before && before.task !== task) {
        throw validation(
          `Two tasks that run in threads are named "${task.name}": one in ${before.file}, one in ${file}.`,
          task.name,
        );
      }
      if (!before) found.set(task.name, { file, url, task });
    }
  }
  for (const task of tasks) {
    if (!task.thread || found.has(task.name)) continue;
    throw validation(
      `Task "${task.name}" runs in a thread: name the file that exports it in \`files\`.` +
        (files.length > 0 ? ` ${files.join(', ')} ${files.length === 1 ? 'does' : 'do'} not.` : ''),
      task.name,
    );
  }
  return new Map([...found].map(([name, { url }]) => [name, url]));
}

function urlOf(file: string): string {
  return file.startsWith('file:') ? file : pathToFileURL(resolve(file)).href;
}

async function exportedBy(file: string, url: string): Promise<readonly AnyTask[]> {
  let module: Record<string, unknown>;
  try {
    module = (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DfnsError('VALIDATION', `files: ${file} cannot be loaded: ${why}`, {
      cause,
      details: { option: 'files', file },
    });
  }
  return Object.values(module).filter(isThreadTask);
}

function isThreadTask(value: unknown): value is AnyTask {
  return typeof value === 'object' && value !== null && (value as AnyTask).kind === 'task' && (value as AnyTask).thread;
}

function validation(message: string, task: string): DfnsError {
  return new DfnsError('VALIDATION', message, { details: { option: 'files', task } });
}
