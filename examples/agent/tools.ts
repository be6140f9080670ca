import { NonRetryableError, task } from 'dfns';
import { z } from 'zod';

const FACTS: Readonly<Record<string, number>> = { 'days in a leap year': 366, 'hours in a day': 24 };

/** Input that breaks the schema fails at once, with what is wrong with it: the model reads that and mends its call. */
export const search = task(
  { name: 'search', input: z.object({ query: z.string() }), retry: { maxAttempts: 3 }, timeout: '10s' },
  ({ query }) => {
    const fact = FACTS[query];
    if (fact === undefined) throw new NonRetryableError(`Nothing is known of "${query}".`);
    return fact;
  },
);

export const multiply = task(
  { name: 'multiply', input: z.object({ a: z.number(), b: z.number() }), timeout: '10s' },
  ({ a, b }) => a * b,
);
