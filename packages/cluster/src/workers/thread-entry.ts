import { DfnsError, type AnyTask } from '@dfnsjs/actor-core';
import { runInThread } from '@dfnsjs/actor-core/engine';
import type { ThreadOutcome } from '@dfnsjs/actor-core/ports';
import { decodeError, encodeError } from '@dfnsjs/actor-core/records';
import type { FromThread, ThreadWork, ToThread } from './thread-protocol.ts';

/** What a thread of the pool runs for each attempt. */
export default async function work({ call, file, port }: ThreadWork): Promise<ThreadOutcome> {
  const say = (message: FromThread) => port.postMessage(message);
  try {
    const task = await find(call.task, file);
    // Loading its file, which a thread does once, is no part of the attempt's time.
    say({ kind: 'began' });
    const body = runInThread(call, task, {
      beat: progress => say({ kind: 'beat', progress }),
      log: (level, message, fields) => say({ kind: 'log', level, message, fields: clonable(fields) }),
    });
    port.on('message', ({ reason }: ToThread) => body.abort(decodeError(reason)));
    return await body.ended;
  } catch (error) {
    // The file cannot be loaded, or does not have the task.
    return { kind: 'failed', error: encodeError(error), final: false, afterMs: null, progress: null };
  } finally {
    port.close();
  }
}

async function find(name: string, file: string): Promise<AnyTask> {
  const exported = (await import(file)) as Record<string, unknown>;
  for (const value of Object.values(exported)) {
    if (typeof value !== 'object' || value === null) continue;
    const { kind, name: given } = value as AnyTask;
    if (kind === 'task' && given === name) return value as AnyTask;
  }
  throw new DfnsError('UNKNOWN_TASK', `The file ${file} exports no task "${name}" in its thread.`);
}

/** A field that cannot cross is said as text. */
function clonable(
  fields: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (!fields) return undefined;
  try {
    return structuredClone(fields);
  } catch {
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
  }
}
