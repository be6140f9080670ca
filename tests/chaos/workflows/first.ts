import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { task, workflow, type TaskContext } from 'dfns';
import { begins, type Begun } from '../ledger.ts';

export interface FirstStep {
  readonly kind: Begun['kind'];
  readonly ledger: string;
  /** Bodies end once there is such a file. */
  readonly gate: string;
}

const POLL_MS = 100;
const opened = new Map<string, Promise<void>>();

async function opens(gate: string): Promise<void> {
  while (!existsSync(gate)) await pause(POLL_MS);
}

async function wait({ kind, ledger, gate }: FirstStep, t: TaskContext): Promise<void> {
  begins(ledger, kind, t.executionId, t);
  if (!opened.has(gate)) opened.set(gate, opens(gate));
  await opened.get(gate);
}

const once = task({ name: 'first-once', retry: { maxAttempts: 1 } }, wait);
const again = task({ name: 'first-again', retry: { initial: '50ms' } }, wait);

/** One step, and whether it was done or lost. */
export const first = workflow({ name: 'first' }, async (ctx, step: FirstStep) => {
  const [{ status }] = await ctx.gather([ctx.run(step.kind === 'once' ? once : again, step)], { settle: true });
  return status === 'fulfilled' ? 'done' : 'lost';
});
