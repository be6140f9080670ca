import { setTimeout as pause } from 'node:timers/promises';
import { task, workflow } from 'dfns';
import { begins } from '../ledger.ts';

const LONG_MS = 20_000;

const long = task(
  { name: 'long', retry: { maxAttempts: 1 } },
  async ({ key, ledger }: { readonly key: string; readonly ledger: string }, t) => {
    begins(ledger, 'once', key, t);
    await pause(LONG_MS, undefined, { signal: t.abortSignal });
  },
);

/** Bodies of 20 s, one after the other; none may be lost. */
export const longs = workflow(
  { name: 'longs' },
  async (ctx, { count, ledger }: { readonly count: number; readonly ledger: string }) => {
    for (let n = 1; n <= count; n++) await ctx.run(long, { key: `${ctx.info.executionId} long ${n}`, ledger });
    return count;
  },
);
