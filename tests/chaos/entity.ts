import { appendFileSync } from 'node:fs';
import { signal, task, workflow, type TaskContext } from 'dfns';

export interface Note {
  readonly from: string;
  readonly n: number;
}

interface Work {
  readonly key: string;
  readonly ledger: string;
}

export const note = signal<'note', Note>('note');
export const end = signal<'end'>('end');

const WORK_MS = 100;
/** So many notes bring a task of each kind. */
const A_TASK = 5;

/** A body that takes a while, so that faults come into the midst of it; its start is written down before anything. */
async function work(kind: string, { key, ledger }: Work, { abortSignal }: TaskContext): Promise<void> {
  appendFileSync(ledger, `${kind} ${key}\n`);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, WORK_MS);
    abortSignal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(abortSignal.reason as Error);
    });
  });
}

const once = task({ name: 'once', retry: { maxAttempts: 1 } }, (given: Work, t) => work('once', given, t));
const again = task({ name: 'again', retry: { initial: '50ms' } }, (given: Work, t) => work('again', given, t));

/** Says at its end what it took, in order, and how many bodies that may begin only once were lost with their node. */
export const entity = workflow({ name: 'entity', signals: [note, end] }, async (ctx, ledger: string) => {
  const taken: Note[] = [];
  let lost = 0;
  for (;;) {
    const next = await ctx.waitForSignal([note, end]);
    if (next.signal === 'end') return { taken, lost };
    taken.push(next.payload);
    if (taken.length % A_TASK !== 0) continue;
    const key = `${ctx.info.executionId} ${taken.length}`;
    const [first] = await ctx.gather([ctx.run(once, { key, ledger }), ctx.run(again, { key, ledger })], {
      settle: true,
    });
    if (first.status === 'rejected') lost++;
  }
});
