import { workflow, type DfnsError, type StartOutcome } from 'dfns';
import { z } from 'zod';
import { onEachStore } from './on-each-store.ts';

const codeOf = (error: DfnsError) => error.code;
const double = workflow({ name: 'double', input: z.object({ n: z.number() }) }, (ctx, { n }) =>
  ctx.step('double', () => n * 2),
);

onEachStore('start-many: each stands or falls by itself, in order', { workflows: [double] }, async (t, { client }) => {
  await client.start(double, { n: 1 }, { id: '7' });
  async function* items() {
    for (let n = 0; n < 250; n++)
      yield { input: { n: n === 9 ? ('x' as never) : n }, id: String(n), reuse: 'never' } as const;
  }
  const outcomes: StartOutcome<typeof double>[] = [];
  for await (const outcome of client.startMany(double, items())) outcomes.push(outcome);
  t.is(outcomes.length, 250);
  t.deepEqual(
    outcomes.filter(({ error }) => error).map(({ index }) => index),
    [7, 9],
  );
  t.regex(outcomes[7]?.error?.code ?? '', /^ALREADY_/);
  t.is(outcomes[9]?.error?.code, 'VALIDATION');
  t.is(await outcomes[249]!.handle!.result(), 498);
  t.is((await client.count({ workflow: 'double' })).count, 249);
});

onEachStore('start-many: what is no list or no start is refused', { workflows: [double] }, async (t, { client }) => {
  t.throws(() => client.startMany(double, 7 as never), { code: 'VALIDATION' });
  const outcomes = [];
  for await (const { error } of client.startMany('duble', [7, {}, { idd: 'x' }] as never))
    outcomes.push(error && codeOf(error));
  t.deepEqual(outcomes, ['VALIDATION', 'UNKNOWN_WORKFLOW', 'VALIDATION']);
  for await (const { index } of client.startMany(double, [])) t.fail(`${index}`);
});
