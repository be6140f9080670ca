import { query, signal, task, workflow, type TaskContext } from 'dfns';
import { begins, type Begun } from '../ledger.ts';

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
/** How many notes were taken. */
export const count = query<'count', void, number>('count');

const WORK_MS = 1_000;
/** So many notes bring a task of each kind. */
export const NOTES_A_TASK = 5;

/** A body that takes a while, so that faults come into the midst of some. */
async function work(kind: Begun['kind'], { key, ledger }: Work, t: TaskContext): Promise<void> {
  begins(ledger, kind, key, t);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, WORK_MS);
    t.abortSignal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(t.abortSignal.reason as Error);
    });
  });
}

const once = task({ name: 'once', retry: { maxAttempts: 1 } }, (given: Work, t) => work('once', given, t));
const again = task({ name: 'again', retry: { initial: '50ms' } }, (given: Work, t) => work('again', given, t));

/** Says at its end what it took, in order, and how many bodies that may begin only once were lost with their node. */
export const entity = workflow(
  { name: 'entity', signals: [note, end], queries: [count] },
  async (ctx, ledger: string) => {
    const taken: Note[] = [];
    const works: Promise<boolean>[] = [];
    ctx.on(count, () => taken.length);
    const begin = async (key: string) => {
      const work = { key, ledger };
      const [first] = await ctx.gather([ctx.run(once, work), ctx.run(again, work)], { settle: true });
      return first.status === 'rejected';
    };
    for (;;) {
      const next = await ctx.waitForSignal([note, end]);
      if (next.signal === 'end') break;
      taken.push(next.payload);
      if (taken.length % NOTES_A_TASK === 0) works.push(begin(`${ctx.info.executionId} ${taken.length}`));
    }
    const lost = await Promise.all(works);
    return { taken, lost: lost.filter(Boolean).length };
  },
);
