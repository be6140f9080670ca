import { deepEqual, equal } from 'node:assert/strict';
import type { ListedRun, Store } from '@dfnsjs/actor-core/ports';
import type { AttributeValue, ExecutionFilter, ListPage, Status } from '@dfnsjs/actor-core/records';
import { allPages } from './pages.ts';
import type { ConformanceCase } from './opened-store.ts';
import { NAMESPACE, Scene } from './scene.ts';
import { readable } from './trace.ts';

const HELD = { code: 'X', message: 'm', build: 'b1', at: 1 };

async function ids(store: Store, filter: Partial<ExecutionFilter>, page: Partial<ListPage> = {}): Promise<string> {
  const limit = page.limit ?? 2;
  const asked: ListPage = { order: 'oldest', ...page, limit, filter: { namespace: NAMESPACE, ...filter } };
  const runs = await allPages<ListedRun>(limit, last => store.list(last ? { ...asked, after: last } : asked));
  return runs.map(run => run.id).join(' ');
}

/** Ids a1 … a6 of mixed workflows and statuses, and one of another namespace. */
async function given(store: Store): Promise<Scene> {
  const scene = await Scene.join(store);
  const rows: [string, Status, string | undefined][] = [
    ['order', 'running', 'x'],
    ['order', 'failed', 'y'],
    ['mail', 'running', 'x'],
    ['mail', 'completed', undefined],
    ['order', 'completed', 'x'],
    ['order', 'running', 'x'],
  ];
  const start = (n: number, more: Parameters<Scene['start']>[1]) =>
    scene.start(n, { id: `a${n}`, startedAt: n * 100, ...more });
  await scene.given(
    ...rows.map(([workflow, status, customer], i) =>
      start(i + 1, {
        workflow,
        status,
        attributes:
          customer === undefined
            ? null
            : new Map([
                ['customer', customer],
                ['all', 'yes'],
              ]),
      }),
    ),
    start(7, { namespace: 'other', attributes: new Map([['customer', 'x']]) }),
  );
  await scene.given(scene.part(scene.eid(3), 1, { update: { held: HELD } }));
  return scene;
}

export const LISTING: readonly ConformanceCase[] = [
  {
    name: 'each filter and each pair of filters finds its runs, page by page',
    run: async ({ store }) => {
      await given(store);
      equal(await ids(store, {}), 'a1 a2 a3 a4 a5 a6');
      equal(await ids(store, { namespace: 'other' }), 'a7');
      equal(await ids(store, { namespace: 'none' }), '');
      equal(await ids(store, { workflow: 'order' }), 'a1 a2 a5 a6');
      equal(await ids(store, { status: ['running'] }), 'a1 a3 a6');
      equal(await ids(store, { status: ['failed', 'completed'] }), 'a2 a4 a5');
      equal(await ids(store, { status: [] }), '');
      equal(await ids(store, { workflow: 'order', status: ['running', 'failed'] }), 'a1 a2 a6');
      equal(await ids(store, { held: true }), 'a3');
      equal(await ids(store, { held: true, workflow: 'order' }), '');
      equal(await ids(store, { held: true, status: ['running'] }), 'a3');
      equal(await ids(store, { held: false, status: ['running'] }), 'a1 a6');
      equal(await ids(store, { startedAfter: 200, startedBefore: 500 }), 'a3 a4');
      equal(await ids(store, { attributes: new Map([['customer', 'x']]) }), 'a1 a3 a5 a6');
      equal(
        await ids(store, {
          attributes: new Map([
            ['customer', 'x'],
            ['all', 'yes'],
          ]),
          workflow: 'order',
        }),
        'a1 a5 a6',
      );
      equal(
        await ids(store, {
          attributes: new Map([
            ['customer', 'x'],
            ['all', 'no'],
          ]),
        }),
        '',
      );
      equal(await ids(store, { attributes: new Map([['customer', 'x']]), status: ['running'], held: true }), 'a3');
      equal(await ids(store, { attributes: new Map() }), 'a1 a2 a3 a4 a5 a6');
    },
  },
  {
    name: 'a run that another run of its execution followed is left out where only the newest are asked for',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const attributes = new Map([['customer', 'x']]);
      await scene.given(scene.start(1, { id: 'a', status: 'failed', attributes }), scene.start(2, { id: 'b' }));
      const retried = scene.run(3, { id: 'a', first: scene.eid(1), status: 'failed', attributes, startedAt: 2_000 });
      await scene.given(scene.part(scene.eid(1), 1, { insert: retried, current: { expect: scene.eid(1) } }));
      const again = scene.run(4, { id: 'a', first: scene.eid(4), status: 'failed', startedAt: 3_000 });
      await scene.given(scene.part(scene.eid(4), 0, { insert: again, current: { expect: scene.eid(3) } }));
      const of = async (filter: Partial<ExecutionFilter>) => {
        const page = { filter: { namespace: NAMESPACE, newest: true, ...filter }, order: 'oldest', limit: 9 } as const;
        return (await store.list(page)).map(run => run.eid);
      };
      deepEqual(
        await of({}),
        [2, 3, 4].map(n => scene.eid(n)),
      );
      deepEqual(
        await of({ status: ['failed'] }),
        [3, 4].map(n => scene.eid(n)),
      );
      deepEqual(await of({ workflow: 'order', status: ['running'] }), [scene.eid(2)]);
      deepEqual(await of({ attributes }), [scene.eid(3)]);
      deepEqual(
        await of({ newest: false }),
        [1, 2, 3, 4].map(n => scene.eid(n)),
      );
      equal((await store.count({ namespace: NAMESPACE, newest: true }, 100)).count, 3);
    },
  },
  {
    name: 'newest first is the reverse, after a cursor too',
    run: async ({ store }) => {
      const scene = await given(store);
      const order = 'newest';
      equal(await ids(store, {}, { order }), 'a6 a5 a4 a3 a2 a1');
      equal(await ids(store, {}, { order, after: { startedAt: 400, eid: scene.eid(4) } }), 'a3 a2 a1');
      equal(await ids(store, { workflow: 'order' }, { order, limit: 1 }), 'a6 a5 a2 a1');
      equal(await ids(store, { attributes: new Map([['customer', 'x']]) }, { order }), 'a6 a5 a3 a1');
      equal(
        await ids(store, { status: ['running', 'failed'] }, { order, after: { startedAt: 600, eid: scene.eid(6) } }),
        'a3 a2 a1',
      );
    },
  },
  {
    name: 'runs stand by their start, whichever node numbered them, and by number where they started at once',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const customer = new Map([['customer', 'x']]);
      const starts = [500, 300, 300, 400, 100];
      const statuses = ['running', 'completed', 'failed', 'completed', 'running'] as const;
      await scene.given(
        ...starts.map((startedAt, i) =>
          scene.start(i + 1, { id: `s${i + 1}`, startedAt, status: statuses[i]!, attributes: customer }),
        ),
      );
      for (const filter of [{}, { attributes: customer }, { workflow: 'order' }]) {
        for (const limit of [1, 2, 9]) {
          equal(await ids(store, filter, { limit }), 's5 s2 s3 s4 s1');
          equal(await ids(store, filter, { limit, order: 'newest' }), 's1 s4 s3 s2 s5');
          const span = { ...filter, startedAfter: 100, startedBefore: 500 };
          equal(await ids(store, span, { limit }), 's2 s3 s4');
          equal(await ids(store, span, { limit, order: 'newest' }), 's4 s3 s2');
        }
      }
      const beyond = { startedAt: 450, eid: scene.eid(9) };
      equal(await ids(store, { startedAfter: 450 }, { order: 'oldest', after: { ...beyond, startedAt: 1 } }), 's1');
      equal(await ids(store, { startedBefore: 300 }, { order: 'newest', after: beyond }), 's5');
    },
  },
  {
    name: 'id prefixes are taken as they are, wildcards, case and wide characters included',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const named = ['order-1', 'order-2', 'Order-3', 'ord%', 'ord_', 'ord*', '🔑1', '🔑2'];
      await scene.given(...named.map((id, i) => scene.start(i + 1, { id })));
      equal(await ids(store, { idPrefix: 'order-' }), 'order-1 order-2');
      equal(await ids(store, { idPrefix: 'ord%' }), 'ord%');
      equal(await ids(store, { idPrefix: 'ord_' }), 'ord_');
      equal(await ids(store, { idPrefix: 'ord*' }), 'ord*');
      equal(await ids(store, { idPrefix: '🔑' }), '🔑1 🔑2');
      equal(await ids(store, { idPrefix: 'order-1', workflow: 'order', status: ['running'] }), 'order-1');
    },
  },
  {
    name: 'attribute values are found by type and value, under any name',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const values: AttributeValue[] = ['1', 1, true, new Date(1), 'true', 0, false, '', 1.5, -1e300];
      await scene.given(
        ...values.map((value, i) => scene.start(i + 1, { id: `v${i}`, attributes: new Map([['__proto__', value]]) })),
      );
      for (const [i, value] of values.entries())
        equal(await ids(store, { attributes: new Map([['__proto__', value]]) }), `v${i}`);
      equal(await ids(store, { attributes: new Map([['constructor', 1]]) }), '');
    },
  },
  {
    name: 'changed and removed attributes are found as they are now',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const by = (value: AttributeValue) => ids(store, { attributes: new Map([['stage', value]]) });
      await scene.given(
        scene.start(1, {
          attributes: new Map<string, AttributeValue>([
            ['stage', 'new'],
            ['kept', 1],
          ]),
        }),
      );
      await scene.given(
        scene.turn(1, 1, {
          update: {
            attributes: new Map<string, AttributeValue>([
              ['stage', 'paid'],
              ['kept', 1],
            ]),
          },
        }),
      );
      deepEqual([await by('new'), await by('paid')], ['', 'run-1']);
      await scene.given(scene.turn(1, 2, { update: { status: 'completed' } }));
      equal(await by('paid'), 'run-1');
      await scene.given(scene.part(scene.eid(1), 3, { update: { attributes: null } }));
      deepEqual([await by('paid'), await ids(store, { attributes: new Map([['kept', 1]]) })], ['', '']);
    },
  },
  {
    name: 'pages neither skip nor repeat while runs start, close and leave the filter',
    run: async ({ store }) => {
      const scene = await given(store);
      const filter = { namespace: NAMESPACE, status: ['running'] } as const;
      const first = await store.list({ filter, order: 'newest', limit: 2 });
      await scene.given(
        scene.start(9, { id: 'a9', startedAt: 900 }),
        scene.turn(6, 1, { update: { status: 'completed' } }),
      );
      const second = await store.list({ filter, order: 'newest', limit: 2, after: first.at(-1)! });
      deepEqual(
        [...first, ...second].map(run => run.id),
        ['a6', 'a3', 'a1'],
      );
    },
  },
  {
    name: 'a listed run has every property but its payloads and headers',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(
        scene.start(1, {
          attributes: new Map([['k', 'v']]),
          held: HELD,
          waiting: [{ kind: 'timer', until: 5 }],
          headers: new Map(),
        }),
      );
      const {
        input: _input,
        output: _output,
        carry: _carry,
        headers: _headers,
        ...listed
      } = (await store.load([scene.eid(1)]))[0]!.run;
      const page: ListPage = { filter: { namespace: NAMESPACE }, order: 'newest', limit: 10 };
      deepEqual(readable(await store.list(page)), readable([listed]));
    },
  },
  {
    name: 'count tells all, by status and by workflow, of the same filters',
    run: async ({ store }) => {
      await given(store);
      const whole = await store.count({ namespace: NAMESPACE }, 100);
      deepEqual([whole.count, whole.capped], [6, false]);
      deepEqual(Object.fromEntries(whole.byStatus), { running: 3, failed: 1, completed: 2 });
      deepEqual(Object.fromEntries(whole.byWorkflow), { order: 4, mail: 2 });
      const some = await store.count(
        { namespace: NAMESPACE, attributes: new Map([['customer', 'x']]), status: ['running'] },
        100,
      );
      deepEqual([some.count, Object.fromEntries(some.byWorkflow)], [3, { order: 2, mail: 1 }]);
      equal((await store.count({ namespace: NAMESPACE, status: [] }, 100)).count, 0);
    },
  },
  {
    name: 'count stops at its cap and says so only where there was more',
    run: async ({ store }) => {
      await given(store);
      const at = async (cap: number) => store.count({ namespace: NAMESPACE }, cap);
      deepEqual([(await at(6)).count, (await at(6)).capped], [6, false]);
      const capped = await at(5);
      deepEqual([capped.count, capped.capped], [5, true]);
      equal(
        [...capped.byStatus.values()].reduce((sum, n) => sum + n, 0),
        5,
      );
      equal(
        [...capped.byWorkflow.values()].reduce((sum, n) => sum + n, 0),
        5,
      );
    },
  },
];
