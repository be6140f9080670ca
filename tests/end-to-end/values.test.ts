import { task, workflow, type DfnsError } from 'dfns';
import { onEachStore } from './on-each-store.ts';

const echo = task({ name: 'echo' }, (value: unknown) => value);
const echoes = workflow({ name: 'echoes' }, async (ctx, value: unknown) => {
  const first = await ctx.run(echo, value);
  // What the workflow does to its copy is not what was recorded.
  if (first instanceof Map) first.set('changed', true);
  return ctx.step('echo', () => value);
});

const cycle: { name: string; self?: unknown } = { name: 'cycle' };
cycle.self = cycle;
const VALUES: Readonly<Record<string, unknown>> = {
  json: { a: [1, 'two', null, true, { b: 1.5 }] },
  binary: new Uint8Array([0, 1, 255]),
  map: new Map<unknown, unknown>([['key', new Set([1, 2])]]),
  date: new Date(0),
  bigint: 2n ** 80n,
  odd: [NaN, Infinity, -0, undefined, null],
  url: new URL('https://example.org/?q=1'),
  cycle,
};

onEachStore(
  'payload-json, payload-binary, payload-empty: values survive',
  { workflows: [echoes] },
  async (t, { client }) => {
    for (const [name, value] of Object.entries(VALUES)) t.deepEqual(await client.execute(echoes, value), value, name);
    t.is(await client.execute(echoes, null), null);
    t.is(await client.execute(echoes, undefined), undefined);
  },
);

class Money {
  readonly amount = 1;
}

const returnsInstance = workflow({ name: 'returns-instance' }, ctx =>
  ctx.step('money', () => new Money()).catch((error: DfnsError) => [error.code, error.message]),
);

onEachStore(
  'what cannot be kept is VALIDATION with its path; what is too large is told so',
  { workflows: [echoes, returnsInstance] },
  async (t, { client }) => {
    await t.throwsAsync(client.start(echoes, { list: [new Money()] }), { code: 'VALIDATION', message: /list\[0\]/ });
    const big = new Uint8Array(1024 * 1024);
    await t.throwsAsync(client.start(echoes, big), { code: 'PAYLOAD_TOO_LARGE' });
    const [code] = (await client.execute(returnsInstance)) as [string, string];
    t.is(code, 'VALIDATION');
  },
);

class Outer extends Error {
  override name = 'Outer';
  readonly field = { rich: new Date(5) };
}

const breaks = task({ name: 'breaks', retry: { maxAttempts: 1 } }, function thatBreaks() {
  throw new Outer('outer', { cause: new RangeError('inner') });
});
const breaking = workflow({ name: 'breaking' }, ctx => ctx.run(breaks));

onEachStore(
  'fail-cause-chain, fail-stack: names, messages, causes, fields and the user’s line come back',
  { workflows: [breaking] },
  async (t, { client }) => {
    const handle = await client.start(breaking);
    const error = await t.throwsAsync(handle.result(), { name: 'TaskError', message: 'outer' });
    const outer = error.cause as Outer;
    t.like(outer, { name: 'Outer', message: 'outer', field: { rich: new Date(5) } });
    t.true(outer.cause instanceof RangeError);
    t.regex(outer.stack ?? '', /thatBreaks.*values\.test\.ts/);
    t.like(await handle.describe(), { status: 'failed', error: { message: 'outer' } });
  },
);
