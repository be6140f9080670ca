import { signal, workflow } from 'dfns';
import type { Note } from './entity.ts';

const part = signal<'part', Note>('part');

export interface Gathering {
  readonly expected: number;
  readonly taken: readonly Note[];
}

/** So many are taken by one run. */
const PARTS_A_RUN = 20;

/** Takes what others send, in runs that follow each other, and says what came in which order. */
export const gatherer = workflow(
  { name: 'gatherer', signals: [part] },
  async (ctx, given: Gathering): Promise<readonly Note[]> => {
    const taken = [...given.taken];
    for (let n = 0; n < PARTS_A_RUN; n++) {
      if (taken.length === given.expected) return taken;
      taken.push(await ctx.waitForSignal(part));
    }
    return ctx.continueAsNew({ ...given, taken });
  },
);

export interface Sending {
  readonly to: readonly string[];
  readonly count: number;
}

/** Sends each of the others 1 to `count`, some at a time. */
export const sender = workflow({ name: 'sender' }, async (ctx, { to, count }: Sending) => {
  const from = ctx.info.executionId;
  for (let n = 1; n <= count; n++) {
    await ctx.gather(to.map(id => () => ctx.execution(id).signal(part, { from, n })));
  }
});
