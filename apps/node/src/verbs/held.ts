import { healsByItself } from '@dfnsjs/actor-core/records';
import type { Client, Description, Handle, Taken } from '@dfnsjs/client';
import { changes, LOOK_EVERY_MS } from '../cli/changes.ts';
import type { Io } from '../cli/io.ts';
import { printable } from '../cli/terminal.ts';

/** That it is held, why, and what to do. */
export function heldText({ id, held }: Pick<Description, 'id' | 'held'>): string {
  if (!held) return '';
  const advice = healsByItself(held)
    ? 'It goes on by itself once a node has code that fits.'
    : `Correct what failed; \`dfns retry ${id}\` then lets it go on.`;
  return `${printable(id)} is held (${held.code}): ${printable(held.message)}\n${advice} \`dfns terminate ${id}\` ends it.\n`;
}

/** What became of a message that is durable; undefined where its execution is not held. */
export function storedText({ held }: Taken): string | undefined {
  return held && `stored; it is held (${held.code}) and takes it when it goes on`;
}

/** Says once on standard error that an execution is held, when it is; returns then, or when it has ended. */
export async function tellHeld(client: Client, handle: Handle, io: Io, abortSignal: AbortSignal): Promise<void> {
  const listen = () => client.events({ id: handle.id, abortSignal });
  for await (const _ of changes(listen, LOOK_EVERY_MS, abortSignal)) {
    const execution = await handle.describe({ abortSignal });
    if (execution.held) io.stderr.write(heldText(execution));
    if (execution.held || execution.status !== 'running') return;
  }
}
