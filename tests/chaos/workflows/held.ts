import { signal, workflow } from 'dfns';

export const item = signal<'item', number>('item');

/** It is held from its first item on. */
export const holds = workflow({ name: 'holds', signals: [item], onError: 'hold' }, async ctx => {
  throw new Error(`held at ${await ctx.waitForSignal(item)}`);
});
