import { signal, task, workflow, type DfnsError } from 'dfns';
import { z } from 'zod';
import { onEachStore } from './on-each-store.ts';

const go = signal('go');
const seen = task({ name: 'seen' }, (_: void, t) => t.headers);
const held = workflow(
  {
    name: 'held',
    input: z.object({ n: z.coerce.number(), when: z.date().optional() }),
    signals: [go],
    attributes: { tier: 'keyword', amount: 'number' },
  },
  async (ctx, input) => {
    ctx.setAttributes({ amount: input.n, ...(input.n === 9 ? { tier: null } : {}) });
    await ctx.waitForSignal(go);
    if (input.n === 13) throw new Error('unlucky');
    return { n: input.n, headers: ctx.info.headers, seen: await ctx.run(seen) };
  },
);
const options = { workflows: [held] };
const codeOf = (error: DfnsError) => error.code;

onEachStore('conflict-fail, conflict-join, terminate-existing', options, async (t, { client }) => {
  const first = await client.start(held, { n: 1 }, { id: 'a' });
  t.false(first.existing);
  t.is(await client.start(held, { n: 2 }, { id: 'a' }).catch(codeOf), 'ALREADY_RUNNING');
  const joined = await client.start(held, { n: 3 }, { id: 'a', onConflict: 'use-existing' });
  t.like(joined, { existing: true, runId: first.runId });
  t.deepEqual((await joined.describe()).input, { n: 1 });
  const second = await client.start(held, { n: 4 }, { id: 'a', onConflict: 'terminate-existing' });
  t.not(second.runId, first.runId);
  await second.signal(go);
  t.like(await second.result(), { n: 4 });
});

onEachStore('reuse: always, after-failure, never', options, async (t, { client }) => {
  const end = async (n: number) => {
    const handle = await client.start(held, { n }, { id: 'a' });
    await handle.signal(go);
    await handle.result().catch(() => undefined);
  };
  await end(1);
  t.is(await client.start(held, { n: 2 }, { id: 'a', reuse: 'never' }).catch(codeOf), 'ALREADY_EXISTS');
  t.is(await client.start(held, { n: 2 }, { id: 'a', reuse: 'after-failure' }).catch(codeOf), 'ALREADY_EXISTS');
  await end(13);
  const again = await client.start(held, { n: 2 }, { id: 'a', reuse: 'after-failure' });
  t.is((await again.describe()).status, 'running');
});

onEachStore(
  'the same idempotency key answers the first start; another call is refused',
  options,
  async (t, { client }) => {
    const start = (n: number) => client.start(held, { n }, { idempotencyKey: 'k' });
    const [first, second] = [await start(1), await start(1)];
    t.deepEqual([second.id, second.runId], [first.id, first.runId]);
    t.is(await start(2).catch(codeOf), 'ALREADY_EXISTS');
    t.is((await client.count()).count, 1);
  },
);

onEachStore('input is parsed once, at the door, and refused there', options, async (t, { client }) => {
  const handle = await client.start(held, { n: '7' });
  t.deepEqual((await handle.describe()).input, { n: 7 });
  t.is(await client.start(held, { n: 'x' }).catch(codeOf), 'VALIDATION');
  t.is((await client.count()).count, 1);
});

onEachStore('unknown-workflow-start: refused, and nothing is stored', options, async (t, { client }) => {
  const error = await t.throwsAsync(client.start('hold', {}), { code: 'UNKNOWN_WORKFLOW' });
  t.regex(error.message, /Did you mean "held"\?/);
  t.is((await client.count()).count, 0);
});

onEachStore('options of later versions are refused by name', options, async (t, { client }) => {
  const delayed = { delay: '1s' } as object;
  await t.throwsAsync(client.start(held, { n: 1 }, delayed), { code: 'VALIDATION', message: /"delay"/ });
  t.is((await client.count()).count, 0);
});

onEachStore('headers-through: headers reach ctx and tasks', options, async (t, { client }) => {
  const handle = await client.start(held, { n: 1 }, { headers: { tenant: 'x' } });
  await handle.signal(go);
  t.like(await handle.result(), { headers: { tenant: 'x' }, seen: { tenant: 'x' } });
});

onEachStore('attr-start, attr-upsert, attr-filter, list-filters', options, async (t, { client }) => {
  const tiers = ['gold', 'gold', 'silver', 'gold', 'silver', 'gold', 'gold', 'silver', 'gold', 'gold'];
  for (const [n, tier] of tiers.entries()) await client.start(held, { n }, { id: `e${n}`, attributes: { tier } });
  const ids = async (filter: Parameters<typeof client.list>[0]) => {
    const found: string[] = [];
    for await (const { id } of client.list(filter)) found.push(id);
    return found.join(' ');
  };
  t.is(await ids({ attributes: { tier: 'gold' } }), 'e8 e6 e5 e3 e1 e0');
  t.is(await ids({ attributes: { tier: 'gold', amount: 3 } }), 'e3');
  t.is(await ids({ workflow: held, idPrefix: 'e', order: 'oldest' }), 'e0 e1 e2 e3 e4 e5 e6 e7 e8 e9');
  await client.get(held, 'e5').signal(go);
  await client.get(held, 'e5').result();
  t.is(await ids({ status: 'completed', attributes: { tier: 'gold' } }), 'e5', 'also after the end');
  t.like(await client.count({ status: ['running', 'completed'] }), { byStatus: { running: 9, completed: 1 } });
  t.deepEqual((await client.get(held, 'e9').describe()).attributes, { amount: 9 }, 'null removes');
  t.is(await client.start(held, { n: 1 }, { attributes: { teir: 'gold' } as object }).catch(codeOf), 'VALIDATION');
});

onEachStore('pages of a list: none twice, none missed, in order', options, async (t, { client }) => {
  await Promise.all(Array.from({ length: 1_200 }, (_, n) => client.start(held, { n }, { id: `e${n}` })));
  const found = new Set<string>();
  let last = Infinity;
  for await (const { id, startedAt } of client.list()) {
    found.add(id);
    t.true(startedAt.getTime() <= last);
    last = startedAt.getTime();
  }
  t.is(found.size, 1_200);
});

const counter = workflow({ name: 'counter', signals: [go] }, async (ctx, n: number) => {
  await ctx.waitForSignal(go);
  if (n > 0) await ctx.continueAsNew(n - 1);
  return ctx.info.runId;
});

onEachStore(
  'can-basic, can-signals, can-result: each signal reaches the next run, the result is the last one’s',
  { workflows: [counter] },
  async (t, { client }) => {
    const handle = await client.start(counter, 20);
    await Promise.all(Array.from({ length: 21 }, () => handle.signal(go)));
    const runId = await handle.result();
    t.not(runId, handle.runId);
    const { runs } = await handle.describe();
    t.is(runs.length, 21);
    t.is(runs.at(-1)?.runId, runId);
    t.deepEqual([...new Set(runs.slice(0, -1).map(({ status }) => status))], ['continued-as-new']);
    t.is((await client.count()).count, 1, 'a chain is one execution');
    const types: string[] = [];
    for await (const { type } of handle.history({ runId: handle.runId })) types.push(type);
    t.deepEqual([types[0], types.includes('continued-as-new')], ['started', true]);
  },
);

onEachStore('headers-too-large: refused by their limit, and nothing is stored', options, async (t, { client }) => {
  const headers = { note: 'x'.repeat(64 * 1024) };
  t.is(await client.start(held, { n: 1 }, { headers }).catch(codeOf), 'LIMIT_EXCEEDED');
  t.is((await client.count()).count, 0);
});
