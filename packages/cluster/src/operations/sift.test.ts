import test from 'ava';
import type { ListedRun, Store } from '@dfnsjs/actor-core/ports';
import type { ListPage, ListPlace } from '@dfnsjs/actor-core/values';
import { parsePlace } from './list-cursor.ts';
import { sift, siftCount } from './sift.ts';

/** So many runs, of which each thousandth is of version 2. */
function listing(count: number) {
  let looked = 0;
  const store: Pick<Store, 'list'> = {
    async list({ order, limit, after }: ListPage) {
      const first = after === undefined ? (order === 'newest' ? count : 1) : after.eid + (order === 'newest' ? -1 : 1);
      const step = order === 'newest' ? -1 : 1;
      const runs: ListedRun[] = [];
      for (let eid = first; eid >= 1 && eid <= count && runs.length < limit; eid += step) {
        looked++;
        runs.push({
          ...{
            eid,
            startedAt: eid * 10,
            id: `id-${eid}`,
            version: eid % 1_000 === 0 ? 2 : 1,
            status: 'failed',
            workflow: 'w',
          },
          ...{ held: null, attributes: null, waiting: null, closedAt: null, details: null, lastError: null },
          startedBy: null,
        } as unknown as ListedRun);
      }
      return runs;
    },
  };
  return { store, looked: () => looked };
}

const page = (parts: Partial<ListPage> = {}): ListPage => ({
  filter: { namespace: 'default' },
  order: 'newest',
  limit: 100,
  ...parts,
});
const isSecond = ({ version }: { readonly version: number }) => version === 2;
const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

test('a page is looked for until it is full or all were looked at', async t => {
  const { store } = listing(5_500);
  const first = await sift(store, page({ limit: 2 }), isSecond);
  t.deepEqual(ids(first.items), ['id-5000', 'id-4000']);
  t.is(first.partial, undefined);
  const rest = await sift(store, page({ after: parsePlace(first.cursor!) }), isSecond);
  t.deepEqual(ids(rest.items), ['id-3000', 'id-2000', 'id-1000']);
  t.is(rest.cursor, undefined);
});

test('so many are looked at for one page and no more; its cursor goes on from there', async t => {
  for (const order of ['newest', 'oldest'] as const) {
    const { store, looked } = listing(25_000);
    const found: string[] = [];
    let after: ListPlace | undefined;
    const partial: (boolean | undefined)[] = [];
    do {
      const reply = await sift(store, page({ order, ...(after === undefined ? {} : { after }) }), isSecond);
      found.push(...ids(reply.items));
      partial.push(reply.partial);
      after = reply.cursor === undefined ? undefined : parsePlace(reply.cursor);
    } while (after !== undefined);
    const all = Array.from({ length: 25 }, (_, n) => `id-${(n + 1) * 1_000}`);
    t.deepEqual(found, order === 'newest' ? all.toReversed() : all);
    t.deepEqual(partial, [true, true, undefined]);
    t.is(looked(), 25_000);
  }
});

test('a count says where it looked no further', async t => {
  const few = await siftCount(listing(5_500).store, { namespace: 'default' }, isSecond);
  t.deepEqual(few, { count: 5, byStatus: { failed: 5 }, byWorkflow: { w: 5 }, capped: false });
  const { store, looked } = listing(25_000);
  const many = await siftCount(store, { namespace: 'default' }, isSecond);
  t.like(many, { count: 10, capped: true, partial: true });
  t.is(looked(), 10_000);
});
