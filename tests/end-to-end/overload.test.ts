import { setTimeout as pause } from 'node:timers/promises';
import { type DfnsError, signal, workflow } from 'dfns';
import { IN_PROCESS, onEachStore } from './on-each-store.ts';

const go = signal('go');
const waits = workflow({ name: 'waits' }, async ctx => {
  await ctx.waitForSignal(go);
  return 'done';
});

onEachStore(
  'a burst above the backlog is OVERLOADED, says when to come again, and gets in then',
  { workflows: [waits], backlog: 5 },
  async (t, { client }) => {
    let refusals = 0;
    const patiently = async (call: () => Promise<unknown>): Promise<void> => {
      try {
        await call();
      } catch (error) {
        const { code, details } = error as DfnsError;
        t.is(code, 'OVERLOADED');
        const { retryAfterMs } = details as { retryAfterMs: number };
        t.true(retryAfterMs > 0);
        refusals++;
        // The advice is for a node that others call too.
        await pause(retryAfterMs / 50);
        await patiently(call);
      }
    };
    const ids = Array.from({ length: 40 }, (_, i) => `e${i}`);
    await Promise.all(ids.map(id => patiently(() => client.start(waits, undefined, { id }))));
    t.true(refusals >= 35);
    await Promise.all(ids.map(id => patiently(() => client.get(waits, id).signal(go))));
    for (const id of ids) t.is(await client.get(waits, id).result(), 'done');
  },
  IN_PROCESS,
);
