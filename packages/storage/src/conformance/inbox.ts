import { deepEqual } from 'node:assert/strict';
import type { InboxRow, Store } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';
import { allPages } from './pages.ts';
import type { ConformanceCase } from './opened-store.ts';
import { bytes, Scene } from './scene.ts';
import { readable } from './trace.ts';

const ZERO = 0 as ShardId;
const HELD = { code: 'NON_DETERMINISM', message: 'm', build: 'b1', at: 1 };

function pages(store: Store, limit: number): Promise<InboxRow[]> {
  return allPages(limit, after => store.inbox([{ shard: ZERO, after }], limit));
}

export const INBOX: readonly ConformanceCase[] = [
  {
    name: 'rows come ascending by receiver, accepted, sender and number, in pages of any size',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1), scene.start(2));
      const sorted = [
        scene.message(1, 5, 0, 1),
        scene.message(1, 5, 0, 2),
        scene.message(1, 5, 2, 1),
        scene.message(1, 6, 0, 0),
        scene.message(1, 10, 0, 1),
        scene.message(2, 1, 1, 1),
        scene.message(2, 1, 1, 2),
      ];
      const elsewhere = scene.message(1, 1, 0, 1, { shard: 1 as ShardId });
      await scene.given(scene.part(scene.eid(1), 1, { accepts: [elsewhere, ...sorted.toReversed()] }));
      for (const limit of [1, 2, 3, 7, 100]) deepEqual(readable(await pages(store, limit)), readable(sorted));
      deepEqual(readable((await store.load([scene.eid(2)]))[0]?.inbox), readable(sorted.slice(5)));
    },
  },
  {
    name: 'what arrives or is taken behind the cursor neither skips nor repeats the rest',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      const at = (accepted: number) => scene.message(1, accepted);
      await scene.given(scene.part(scene.eid(1), 1, { accepts: [10, 20, 30, 40].map(at) }));
      const first = await store.inbox([{ shard: ZERO }], 2);
      await scene.given(scene.part(scene.eid(1), 1, { accepts: [at(5), at(15), at(35)], takes: [at(20)] }));
      const second = await store.inbox([{ shard: ZERO, after: first.at(-1) }], 10);
      deepEqual(
        [...first, ...second].map(row => row.accepted),
        [10, 20, 30, 35, 40],
      );
    },
  },
  {
    name: 'rows of held receivers are left out, however many, and come back when the hold ends',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1), scene.start(2));
      const many = Array.from({ length: 500 }, (_, i) => scene.message(1, i + 1));
      await scene.given(scene.part(scene.eid(1), 1, { update: { held: HELD }, accepts: many }));
      await scene.given(scene.part(scene.eid(2), 1, { accepts: [scene.message(2, 9)] }));
      deepEqual(readable(await store.inbox([{ shard: ZERO }], 10)), readable([scene.message(2, 9)]));
      deepEqual((await store.load([scene.eid(1)]))[0]?.inbox.length, 500);
      await scene.given(scene.part(scene.eid(1), 1, { update: { held: null } }));
      deepEqual((await pages(store, 100)).length, 501);
    },
  },
  {
    name: 'a hold counts for the execution, whichever of its runs is held; a closed run holds nothing',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      const next = scene.run(2, { id: 'run-1', first: scene.eid(1), held: HELD });
      const change = {
        update: { status: 'continued-as-new' },
        insert: next,
        current: { expect: scene.eid(1) },
      } as const;
      await scene.given(scene.turn(1, 1, { ...change, accepts: [scene.message(1, 3)] }));
      deepEqual(await store.inbox([{ shard: ZERO }], 10), []);
      deepEqual((await store.load([scene.eid(2)]))[0]?.inbox.length, 1);
      await scene.given(scene.part(scene.eid(2), 0, { update: { status: 'terminated' } }));
      deepEqual((await store.inbox([{ shard: ZERO }], 10)).length, 1);
    },
  },
  {
    name: 'what waits before, between and behind held receivers comes in order, from any place, in pages of any size',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const starts = [1, 2, 3, 4, 5, 6, 7].map(n => scene.start(n, { held: [2, 3, 5, 6].includes(n) ? HELD : null }));
      await scene.given(...starts);
      const rows = [1, 2, 3, 4, 5, 7].flatMap(n => [1, 2, 3].map(accepted => scene.message(n, accepted)));
      await scene.given(scene.part(scene.eid(1), 1, { accepts: rows }));
      const open = rows.filter(({ receiver }) => [1, 4, 7].map(n => scene.eid(n)).includes(receiver));
      for (const limit of [1, 2, 3, 4, 5, 100]) deepEqual(readable(await pages(store, limit)), readable(open));
      for (const after of rows) {
        const behind = rows.slice(rows.indexOf(after) + 1).filter(row => open.includes(row));
        deepEqual(readable(await store.inbox([{ shard: ZERO, after }], 100)), readable(behind));
      }
    },
  },
  {
    name: 'a turn takes its rows, exactly those',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      await scene.given(
        scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 1), scene.message(1, 2), scene.message(1, 3)] }),
      );
      await scene.given(scene.turn(1, 1, { takes: [scene.message(1, 1), scene.message(1, 3)] }));
      deepEqual(
        (await store.inbox([{ shard: ZERO }], 10)).map(row => row.accepted),
        [2],
      );
      deepEqual(await scene.commit(scene.turn(1, 2, { takes: [scene.message(1, 2), scene.message(1, 3)] })), [
        { kind: 'already-taken' },
      ]);
      deepEqual(
        (await store.inbox([{ shard: ZERO }], 10)).map(row => row.accepted),
        [2],
      );
      deepEqual((await store.load([scene.eid(1)]))[0]?.journal.length, 2);
    },
  },
  {
    name: 'rows taken without a turn may be gone already',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      await scene.given(scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 1)] }));
      const take = scene.part(scene.eid(1), 1, { takes: [scene.message(1, 1), scene.message(1, 2)] });
      deepEqual(await scene.commit(take, take), [{ kind: 'done' }, { kind: 'done' }]);
      deepEqual(await store.inbox([{ shard: ZERO }], 10), []);
    },
  },
  {
    name: 'a message accepted twice is there once, as it was first',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      const accept = (message: Uint8Array) =>
        scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 1, 0, 1, { message })] });
      await scene.given(accept(bytes('first')), accept(bytes('second')));
      deepEqual(
        readable(await store.inbox([{ shard: ZERO }], 10)),
        readable([scene.message(1, 1, 0, 1, { message: bytes('first') })]),
      );
    },
  },
  {
    name: 'messages to other shards go with the turn that sent them, or not at all',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1), scene.start(2, { shard: 1 as ShardId }));
      const sent = scene.message(2, 4, 1, 1, { shard: 1 as ShardId });
      deepEqual(await scene.commit(scene.turn(1, 0, { sends: [sent] })), [{ kind: 'conflict' }]);
      deepEqual(await store.inbox([{ shard: 1 as ShardId }], 10), []);
      await scene.given(scene.turn(1, 1, { sends: [sent] }));
      deepEqual(readable(await store.inbox([{ shard: 1 as ShardId }], 10)), readable([sent]));
    },
  },
  {
    name: 'many shards are read at once, each from its own place, and a full one takes nothing from the others',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const [one, two] = [1 as ShardId, 2 as ShardId];
      await scene.given(scene.start(1), scene.start(2, { shard: one }), scene.start(3, { shard: one, held: HELD }));
      const accepts = [
        ...[1, 2, 3, 4].map(accepted => scene.message(1, accepted)),
        scene.message(2, 5, 0, 1, { shard: one }),
        scene.message(3, 6, 0, 1, { shard: one }),
      ];
      await scene.given(scene.part(scene.eid(1), 1, { accepts }));
      const read = async (from: Parameters<Store['inbox']>[0], limit: number) =>
        (await store.inbox(from, limit)).map(({ shard, accepted }) => [shard, accepted]);
      deepEqual(await read([{ shard: two }, { shard: one }, { shard: ZERO }], 2), [
        [ZERO, 1],
        [ZERO, 2],
        [one, 5],
      ]);
      deepEqual(await read([{ shard: ZERO, after: scene.message(1, 3) }, { shard: one }], 9), [
        [ZERO, 4],
        [one, 5],
      ]);
      deepEqual(await read([{ shard: one, after: scene.message(2, 5, 0, 1, { shard: one }) }], 9), []);
      deepEqual(await store.inbox([], 9), []);
    },
  },
];
