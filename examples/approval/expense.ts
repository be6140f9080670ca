import { query, signal, task, workflow } from 'dfns';
import { z } from 'zod';

export const Expense = z.object({ who: z.string().min(1), what: z.string().min(1), amount: z.number().positive() });
const Outcome = z.object({ status: z.enum(['paid', 'declined', 'expired']), by: z.string().optional() });

/** What somebody decided: sent from a page, by curl, from any language. It is checked where it comes in. */
export const decision = signal('decision', { input: z.object({ by: z.string().min(1), ok: z.boolean() }) });
export const stage = query('stage', { output: z.enum(['waiting', 'reminded', 'decided']) });

export const remind = task({ name: 'remind', timeout: '30s' }, (what: string) => {
  console.log(`To the boss: "${what}" still waits for you.`);
});

export const pay = task({ name: 'pay', timeout: '30s' }, (to: { who: string; amount: number }, t) => ({
  // Whatever pays takes this key, so that an attempt that was lost half way pays nothing twice.
  payment: t.idempotencyKey,
  ...to,
}));

/** An expense waits for a human: two days, then with a reminder five more. Nobody holds a request open meanwhile. */
export const expense = workflow(
  {
    name: 'expense',
    input: Expense,
    output: Outcome,
    signals: [decision],
    queries: [stage],
    attributes: { who: 'keyword', what: 'keyword', amount: 'number' },
  },
  async (ctx, { who, what, amount }) => {
    ctx.setAttributes({ who, what, amount });
    let now: 'waiting' | 'reminded' | 'decided' = 'waiting';
    ctx.on(stage, () => now);

    let decided = await ctx.waitForSignal(decision, { timeout: '2d', else: undefined });
    if (!decided) {
      now = 'reminded';
      await ctx.run(remind, what);
      decided = await ctx.waitForSignal(decision, { timeout: '5d', else: undefined });
    }
    if (!decided) return { status: 'expired' };

    now = 'decided';
    if (!decided.ok) return { status: 'declined', by: decided.by };
    await ctx.run(pay, { who, amount });
    return { status: 'paid', by: decided.by };
  },
);
