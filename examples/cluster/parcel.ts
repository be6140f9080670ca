import { appendFileSync } from 'node:fs';
import { signal, task, workflow } from 'dfns';

export const scan = signal<'scan', number>('scan');
export const arrive = signal<'arrive'>('arrive');

/** At most once: whatever dies, no parcel is handed over twice. The ledger has a line for each body that began. */
const handOver = task(
  { name: 'hand-over', retry: { maxAttempts: 1 } },
  ({ parcel, ledger }: { readonly parcel: string; readonly ledger: string }) => {
    appendFileSync(ledger, `${parcel}\n`);
    return `${parcel} handed over`;
  },
);

/** Takes a signal for each scan on its way, and says at the end which it took, in their order. */
export const parcel = workflow({ name: 'parcel', signals: [scan, arrive] }, async (ctx, ledger: string) => {
  const scans: number[] = [];
  for (;;) {
    const next = await ctx.waitForSignal([scan, arrive]);
    if (next.signal === 'arrive') break;
    scans.push(next.payload);
  }
  return { scans, end: await ctx.run(handOver, { parcel: ctx.info.executionId, ledger }) };
});
