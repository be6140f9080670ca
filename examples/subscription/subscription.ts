import { query, signal, task, update, workflow } from 'dfns';
import { z } from 'zod';

const Plan = z.enum(['basic', 'pro']);
const PRICES = { basic: 5, pro: 12 } as const;
const MONTH = '30d';

/** All that the subscription is: what one year hands to the next. */
const State = z.object({
  customer: z.string(),
  plan: Plan.default('basic'),
  months: z.int().default(0),
  paid: z.int().default(0),
  failures: z.int().default(0),
});

export const changePlan = update('change-plan', { input: Plan, output: z.object({ from: Plan, to: Plan }) });
export const quit = signal('quit', { input: z.object({ why: z.string() }) });
export const state = query('state', { output: State });

export const charge = task(
  { name: 'charge', retry: { maxAttempts: 5, initial: '1h', factor: 2, max: '1d' }, timeout: '1m' },
  (_: { customer: string; amount: number }, t): string => t.idempotencyKey,
);

/**
 * One subscription, for as long as it lasts: charged each month, changed and ended at any time. Each year it begins
 * anew with an empty journal; whoever talks to it by its id notices nothing.
 */
export const subscription = workflow(
  { name: 'subscription', input: State, output: State, queries: [state], signals: [quit], updates: [changePlan] },
  async (ctx, begun) => {
    const now = { ...begun };
    ctx.on(state, () => now);
    ctx.on(
      changePlan,
      to => {
        const from = now.plan;
        now.plan = to;
        return { from, to };
      },
      {
        validate(to) {
          if (to === now.plan) throw new Error(`The plan is ${to} already.`);
        },
      },
    );

    for (let month = 1; month <= 12; month++) {
      const left = await ctx.waitForSignal(quit, { timeout: MONTH, else: undefined });
      if (left) return now;
      now.months++;
      const amount = PRICES[now.plan];
      try {
        await ctx.run(charge, { customer: now.customer, amount });
        now.paid += amount;
        now.failures = 0;
      } catch {
        // Three months unpaid in a row end it.
        if (++now.failures === 3) return now;
      }
    }
    return ctx.continueAsNew(now);
  },
);
