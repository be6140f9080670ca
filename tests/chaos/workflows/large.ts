import { signal, workflow } from 'dfns';

export const text = signal<'text', string>('text');

/** Takes texts, and says of each how long it was. */
export const large = workflow({ name: 'large', signals: [text] }, async (ctx, count: number) => {
  const taken: [first: string, length: number][] = [];
  while (taken.length < count) {
    const each = await ctx.waitForSignal(text);
    taken.push([each.slice(0, 1), each.length]);
  }
  return taken;
});
