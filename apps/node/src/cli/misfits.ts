import { setTimeout as pause } from 'node:timers/promises';
import { DfnsError } from '@dfnsjs/actor-core';
import type { Client } from '@dfnsjs/client';
import type { Report } from './protocol.ts';

const LOOK_EVERY_MS = 1_000;
/** Open executions that a new build is tried on at once; the others are when a message comes. */
const TRIED = 1_000;
const AT_A_TIME = 16;
const ATTEMPTS = 5;

/**
 * Reads open executions back, so that those which edited code no longer fits are held, and told, right after the edit
 * and not when something next happens to them.
 */
export async function lookAtOpenOnes(client: Client): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of client.list({ status: 'running' })) {
    if (ids.push(id) === TRIED) break;
  }
  for (let at = 0; at < ids.length; at += AT_A_TIME) {
    await Promise.allSettled(ids.slice(at, at + AT_A_TIME).map(id => client.get(id).describe()));
  }
}

/** Tells once a build of each run that is held because the code does not fit its history, and when that is over. */
export function followHeld(client: Client, report: (message: Report) => void): void {
  const told = new Map<string, string>();
  const look = async () => {
    const there = new Set<string>();
    for await (const { id, runId } of client.list({ held: true })) {
      there.add(runId);
      if (told.has(runId)) continue;
      // Lists show it as the build before left it: asked by itself, it is tried on this one.
      const { workflow, held, runId: newest } = await client.get(id).describe();
      if (held?.code !== 'NON_DETERMINISM' || newest !== runId) continue;
      told.set(runId, id);
      report({ kind: 'held', id, workflow, message: held.message });
    }
    for (const [runId, id] of told) {
      if (there.has(runId)) continue;
      const now = await client
        .get(id)
        .describe()
        .catch(() => undefined);
      told.delete(runId);
      report({ kind: 'fits', id, goesOn: now?.runId === runId && now.status === 'running' });
    }
  };
  const again = () => {
    // A look that failed is no news: the next comes soon, and the node logs what its store does.
    look()
      .catch(() => undefined)
      .finally(() => setTimeout(again, LOOK_EVERY_MS).unref());
  };
  again();
}

/** Ends an execution that does not fit and starts it anew, with the input and attributes that it has, in one step. */
export async function startAgain(client: Client, id: string, report: (message: Report) => void): Promise<void> {
  try {
    const { workflow, input, attributes, runId, held, status } = await client.get(id).describe();
    // Between question and answer it may have come to fit, or have ended: nobody asked to end it then.
    if (held?.code !== 'NON_DETERMINISM') return report({ kind: 'fits', id, goesOn: status === 'running' });
    const options = { id, onConflict: 'terminate-existing', attributes, idempotencyKey: `again ${runId}` };
    for (let attempt = 1; ; attempt++) {
      try {
        await client.start(workflow, input, options as never);
        break;
      } catch (error) {
        // Its shard may just be read anew; the key makes a second start of the first one.
        const passes = error instanceof DfnsError && error.code === 'UNAVAILABLE' && attempt < ATTEMPTS;
        if (!passes) throw error;
        await pause(LOOK_EVERY_MS / 2);
      }
    }
    report({ kind: 'started-again', id });
  } catch (error) {
    report({ kind: 'started-again', id, problem: error instanceof Error ? error.message : String(error) });
  }
}
