import { query, startNode, signal, update, workflow } from 'dfns';
import { spend, type Spent } from './measure.ts';

export const small = () => ({ id: 'order-17', amount: 12.5, items: ['a', 'b'], ok: true });
type Small = ReturnType<typeof small>;
const go = signal<'go', { readonly by: string }>('go');

/** W1: ten steps. */
export const tenSteps = workflow({ name: 'ten-steps' }, async (ctx, input: Small) => {
  let last = input;
  for (let i = 0; i < 10; i++) last = await ctx.step('step', async () => small());
  return last;
});

/** W2: one step. */
export const oneStep = workflow({ name: 'one-step' }, async ctx => ctx.step('step', async () => 1));

/** W4: a thousand steps at once. */
export const parallel = workflow({ name: 'parallel' }, async ctx => {
  const results = await Promise.all(Array.from({ length: 1_000 }, (_, i) => ctx.step('step', async () => i)));
  return results.length;
});

/** W5: ten thousand steps, and when each quarter began. */
const quarters: number[] = [];
export const long = workflow({ name: 'long' }, async ctx => {
  for (let i = 0; i < 10_000; i++) {
    if (i % 2_500 === 0) quarters.push(performance.now());
    await ctx.step('step', async () => ({ i }));
  }
  quarters.push(performance.now());
});

/** What waits: on a signal, with a timer beside it for some. */
export const waiting = workflow({ name: 'waiting' }, async (ctx, input: { readonly timer: boolean }) => {
  if (!input.timer) return (await ctx.waitForSignal(go)).by;
  return (await ctx.waitForSignal(go, { timeout: '30d', else: { by: 'nobody' } })).by;
});
export { go };

/** Over HTTP: counts signals for ever, and answers by query and update. */
export const counter = workflow({ name: 'counter' }, async ctx => {
  let count = 0;
  ctx.on(query('count'), () => count);
  ctx.on(update('add'), () => ++count);
  for await (const _ of ctx.signals(go)) count++;
});

/** Over HTTP: ends at once. */
export const empty = workflow({ name: 'empty' }, async () => undefined);

/** Sleeps until then, and notes when its step begins. */
export const woken = { count: 0, lastAt: 0 };
export const sleeper = workflow({ name: 'sleeper' }, async (ctx, input: { readonly until: number }) => {
  await ctx.sleepUntil(new Date(input.until));
  await ctx.step('wake', async () => {
    woken.count++;
    woken.lastAt = Date.now();
  });
});

const workflows = [sleeper, tenSteps, oneStep, parallel, long, waiting];

/** `place`: a file, or the URL of a store that is none. */
export function open(place: string, options: { readonly residents?: number } = {}) {
  const store = place.includes('://') ? place : `sqlite:${place}`;
  return startNode({ workflows, store, log: 'silent', ...options });
}

/** A node that serves over HTTP, with `counters` executions named counter-0, counter-1, … */
export async function openOverHttp(path: string, counters: number) {
  const node = await startNode({
    workflows: [counter, empty],
    store: `sqlite:${path}`,
    log: 'silent',
    http: { port: 0 },
  });
  await Promise.all(
    Array.from({ length: counters }, (_, i) => node.client.start(counter, undefined, { id: `counter-${i}` })),
  );
  return node;
}
type Node = Awaited<ReturnType<typeof open>>;

/** `before` is called when all is warm. */
export async function runTenSteps(
  place: string,
  count: number,
  inFlight: number,
  before: () => void = () => undefined,
): Promise<Spent> {
  const node = await open(place);
  const run = (total: number) => {
    let next = 0;
    const one = async () => {
      while (next++ < total) await node.client.execute(tenSteps, small());
    };
    return Promise.all(Array.from({ length: inFlight }, one));
  };
  await run(inFlight * 2);
  before();
  const spent = await spend(() => run(count));
  await node.stop();
  return spent;
}

/** Milliseconds from start to result, one after the other. */
export async function runOneStep(path: string, count: number): Promise<number[]> {
  const node = await open(path);
  const times: number[] = [];
  for (let i = 0; i < count + 50; i++) {
    const start = performance.now();
    await node.client.execute(oneStep, undefined);
    if (i >= 50) times.push(performance.now() - start);
  }
  await node.stop();
  return times;
}

export async function runParallel(path: string, count: number): Promise<number[]> {
  const node = await open(path);
  const times: number[] = [];
  for (let i = 0; i < count + 2; i++) {
    const start = performance.now();
    await node.client.execute(parallel, undefined);
    if (i >= 2) times.push(performance.now() - start);
  }
  await node.stop();
  return times;
}

/** Milliseconds of each quarter of 10,000 steps. */
export async function runLong(path: string): Promise<number[]> {
  const node = await open(path);
  // The code is warm, so that the first quarter is not the compiler's.
  await Promise.all(Array.from({ length: 200 }, () => node.client.execute(tenSteps, small())));
  quarters.length = 0;
  await node.client.execute(long, undefined);
  await node.stop();
  return quarters.slice(1).map((at, i) => at - quarters[i]!);
}

export async function startWaiting(node: Node, count: number, timers: (i: number) => boolean): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let i = next++; i < count; i = next++) {
      await node.client.start(waiting, { timer: timers(i) }, { id: `waiting-${i}` });
    }
  };
  await Promise.all(Array.from({ length: 200 }, one));
}
