import { deepEqual, equal, rejects } from 'node:assert/strict';
import { StoreRefusedError } from '@dfnsjs/actor-core/ports';
import type { RunId, ShardId } from '@dfnsjs/actor-core/records';
import { bytes, NAMESPACE, payload, Scene } from './scene.ts';
import type { ConformanceCase } from './opened-store.ts';
import { readable } from './trace.ts';

export const COMMIT: readonly ConformanceCase[] = [
  {
    name: 'a start stores run, current and first turn, and every column comes back as it went in',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const full = scene.run(1, {
        id: 'ключ 🔑',
        lineage: 'reset of 7',
        parent: scene.eid(9),
        details: 'line 1\nline 2',
        wakeAt: 0,
        closedAt: null,
        seed: 2 ** 53 - 1,
        deadline: 5_000.5,
        runDeadline: 6_000,
        startedBy: 'key-1',
        lastError: 'no',
        turns: 3,
        bytes: 2 ** 40,
        headers: new Map([
          ['__proto__', 'x'],
          ['traceparent', '00-1'],
        ]),
        attributes: new Map<string, string | number | boolean | Date>([
          ['__proto__', 'kept'],
          ['constructor', 1.5],
          ['flag', false],
          ['when', new Date(1_700_000_000_000)],
        ]),
        held: { code: 'NON_DETERMINISM', message: 'turn 2', build: 'b1', at: 77 },
        waiting: [{ kind: 'task', name: 'charge', attempt: 2, nextAt: 9 }],
        input: payload('in'),
        output: payload('out'),
        carry: bytes('carry'),
      });
      deepEqual(await scene.commit(scene.start(1, full)), [{ kind: 'done' }]);
      deepEqual(readable(await store.current(NAMESPACE, full.id)), readable(full));
      const [loaded] = await store.load([full.eid]);
      deepEqual(readable(loaded!.run), readable(full));
      deepEqual(readable(loaded!.journal), [{ seq: 1, turn: 'bytes:turn 1 of 1' }]);
    },
  },
  {
    name: 'text with any character comes back, and attributes as long as may be are found',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const odd = 'a\0b\uFFFE0\uFFFE"\\{}';
      const long = '\0'.repeat(2_048);
      const row = {
        details: odd,
        lastError: odd,
        headers: new Map([[odd, odd]]),
        held: { code: odd, message: odd, build: odd, at: 1 },
        waiting: [{ kind: 'signal', name: odd }],
        attributes: new Map([
          [odd, odd],
          ['long', long],
        ]),
      } as const;
      await scene.given(scene.start(1, row), scene.start(2));
      await scene.given(scene.turn(2, 1, { update: { details: odd, lastError: odd, attributes: row.attributes } }));
      const [one, two] = await store.load([scene.eid(1), scene.eid(2)]);
      deepEqual(readable(one?.run), readable(scene.run(1, row)));
      deepEqual(
        readable([two?.run.details, two?.run.lastError, two?.run.attributes]),
        readable([odd, odd, row.attributes]),
      );
      deepEqual(readable(await store.current(NAMESPACE, 'run-1')), readable(scene.run(1, row)));
      for (const [name, value] of row.attributes) {
        const filter = { namespace: NAMESPACE, attributes: new Map([[name, value]]) };
        equal((await store.list({ filter, order: 'oldest', limit: 10 })).length, 2);
      }
      const other = { namespace: NAMESPACE, attributes: new Map([['long', `${long.slice(1)}x`]]) };
      equal((await store.count(other, 10)).count, 0);
    },
  },
  {
    name: 'an update changes its columns and no other',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, { wakeAt: 0, details: 'before', attributes: new Map([['a', 1]]) }));
      await scene.given(
        scene.turn(1, 1, { update: { status: 'completed', closedAt: 9_000, wakeAt: null, output: payload('42') } }),
      );
      const run = await store.current(NAMESPACE, 'run-1');
      const expected = scene.run(1, {
        details: 'before',
        attributes: new Map([['a', 1]]),
        status: 'completed',
        closedAt: 9_000,
        output: payload('42'),
      });
      deepEqual(readable(run), readable(expected));
    },
  },
  {
    name: 'an update of every column, and back to null',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      const patch = {
        build: 'b2',
        status: 'failed',
        closedAt: 1,
        wakeAt: 2,
        held: { code: 'X', message: 'm', build: 'b', at: 3 },
        attributes: new Map([['k', 'v']]),
        details: 'd',
        output: payload('o'),
        waiting: [{ kind: 'signal', name: 's' }],
        turns: 4,
        bytes: 5,
        lastError: 'e',
        seed: 6,
        lineage: 'l',
      } as const;
      await scene.given(scene.part(scene.eid(1), 1, { update: patch }));
      deepEqual(readable(await store.current(NAMESPACE, 'run-1')), readable(scene.run(1, patch)));
      const cleared = {
        closedAt: null,
        wakeAt: null,
        held: null,
        attributes: null,
        details: null,
        output: null,
        waiting: null,
        lastError: null,
        lineage: null,
      };
      await scene.given(scene.part(scene.eid(1), 1, { update: cleared }));
      deepEqual(readable(await store.current(NAMESPACE, 'run-1')), readable(scene.run(1, { ...patch, ...cleared })));
      await scene.given(scene.part(scene.eid(1), 1, { update: {} }));
      deepEqual(readable(await store.current(NAMESPACE, 'run-1')), readable(scene.run(1, { ...patch, ...cleared })));
    },
  },
  {
    name: 'an update of a run that is not there is a conflict',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      deepEqual(await scene.commit(scene.turn(1, 0, { update: { turns: 2 } })), [{ kind: 'conflict' }]);
      deepEqual(await store.load([scene.eid(1)]), [undefined]);
    },
  },
  {
    name: 'an id in use is told with its newest run and status, and only where it was expected to be free',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, { id: 'same' }));
      const again = scene.start(2, { id: 'same' });
      deepEqual(await scene.commit(again), [{ kind: 'exists', eid: scene.eid(1), status: 'running' }]);
      await scene.given(scene.turn(1, 1, { update: { status: 'failed' } }));
      deepEqual(await scene.commit(again), [{ kind: 'exists', eid: scene.eid(1), status: 'failed' }]);
      await scene.given({ ...again, current: { expect: scene.eid(1) } });
      equal((await store.current(NAMESPACE, 'same'))?.eid, scene.eid(2));
      deepEqual(await scene.commit(scene.start(3, { id: 'same' }, { current: { expect: scene.eid(1) } })), [
        { kind: 'exists', eid: scene.eid(2), status: 'running' },
      ]);
      deepEqual(await scene.commit(scene.start(4, { id: 'same', namespace: 'other' })), [{ kind: 'done' }]);
    },
  },
  {
    name: 'an id that was expected to be in use and is not is a conflict',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      deepEqual(await scene.commit(scene.start(1, {}, { current: { expect: scene.eid(7) } })), [{ kind: 'conflict' }]);
      equal(await store.current(NAMESPACE, 'run-1'), undefined);
    },
  },
  {
    name: 'two starts of one id in one batch: the first wins, the second is told so',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const verdicts = await scene.commit(
        scene.start(1, { id: 'same' }),
        scene.start(2, { id: 'same' }),
        scene.start(3),
      );
      deepEqual(verdicts, [
        { kind: 'done' },
        { kind: 'exists', eid: scene.eid(1), status: 'running' },
        { kind: 'done' },
      ]);
      deepEqual((await store.load([scene.eid(2)]))[0], undefined);
    },
  },
  {
    name: 'a gap and a fork are conflicts',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1), scene.start(2));
      await scene.given(scene.turn(1, 1));
      deepEqual(await scene.commit(scene.turn(1, 3), scene.turn(1, 1), scene.turn(1, 0), scene.turn(2, 0)), [
        { kind: 'conflict' },
        { kind: 'conflict' },
        { kind: 'conflict' },
        { kind: 'conflict' },
      ]);
      const rewritten = scene.part(scene.eid(1), 2, { journal: { seq: 2, turn: bytes('again') } });
      deepEqual(await scene.commit(rewritten), [{ kind: 'conflict' }]);
      deepEqual(
        (await store.load([scene.eid(1)]))[0]?.journal.map(row => row.seq),
        [1, 2],
      );
    },
  },
  {
    name: 'a new run is inserted, never written over another',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1), scene.start(2));
      const over = scene.turn(1, 1, {
        insert: scene.run(2, { id: 'elsewhere', details: 'over' }),
        current: { expect: null },
      });
      deepEqual(await scene.commit(over), [{ kind: 'conflict' }]);
      equal(await store.current(NAMESPACE, 'elsewhere'), undefined);
      equal((await store.current(NAMESPACE, 'run-2'))?.details, null);
      equal((await store.load([scene.eid(1)]))[0]?.journal.length, 1);
    },
  },
  {
    name: 'continue-as-new closes the old run, opens the next and moves the id in one step',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, { id: 'loop' }));
      const next = scene.run(2, { id: 'loop', first: scene.eid(1), carry: bytes('carried') });
      const change = scene.turn(1, 1, {
        update: { status: 'continued-as-new', closedAt: 5 },
        insert: next,
        current: { expect: scene.eid(1) },
      });
      await scene.given(change);
      equal((await store.current(NAMESPACE, 'loop'))?.eid, scene.eid(2));
      deepEqual(
        (await store.chain(scene.eid(1))).map(run => [run.eid, run.status]),
        [
          [scene.eid(1), 'continued-as-new'],
          [scene.eid(2), 'running'],
        ],
      );
      await scene.given(scene.turn(2, 0));
      const stale = scene.turn(1, 2, {
        update: { status: 'completed' },
        insert: scene.run(3, { id: 'loop', first: scene.eid(1) }),
        current: { expect: scene.eid(1) },
      });
      deepEqual(await scene.commit(stale), [{ kind: 'exists', eid: scene.eid(2), status: 'running' }]);
      deepEqual(readable((await store.load([scene.eid(1)]))[0]?.run.status), 'continued-as-new');
      equal((await store.load([scene.eid(3)]))[0], undefined);
    },
  },
  {
    name: 'a chain is told oldest first by time, whatever the numbers of its runs',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const first = scene.eid(9);
      await scene.given(scene.start(9, { id: 'loop' }));
      const step = (from: number, to: number) =>
        scene.turn(from, from === 9 ? 1 : 0, {
          update: { status: 'continued-as-new' },
          current: { expect: scene.eid(from) },
          insert: scene.run(to, { id: 'loop', first, startedAt: 20_000 - to, runId: `r${to}` as RunId }),
        });
      await scene.given(step(9, 5));
      await scene.given(step(5, 3));
      deepEqual(
        (await store.chain(first)).map(run => run.eid),
        [9, 5, 3].map(n => scene.eid(n)),
      );
      deepEqual(await store.chain(scene.eid(5)), []);
    },
  },
  {
    name: 'runs are loaded in the order asked, holes where there is none',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1), scene.start(2, { shard: 1 as ShardId }));
      const loaded = await store.load([scene.eid(2), scene.eid(7), scene.eid(1), scene.eid(2)]);
      deepEqual(
        loaded.map(one => one?.run.eid),
        [scene.eid(2), undefined, scene.eid(1), scene.eid(2)],
      );
    },
  },
  {
    name: 'bytes that no decoder would read come back as they are',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const turn = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256);
      await scene.given(scene.start(1, {}, { journal: { seq: 1, turn } }));
      await scene.given(scene.turn(1, 1, { journal: { seq: 2, turn: new Uint8Array(0) } }));
      deepEqual(readable((await store.load([scene.eid(1)]))[0]?.journal), [
        { seq: 1, turn: readable(turn) },
        { seq: 2, turn: 'bytes:' },
      ]);
    },
  },
  {
    name: "buffers are the caller's again once the commit is answered",
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const pool = bytes('....turn 1....');
      await scene.given(scene.start(1, {}, { journal: { seq: 1, turn: pool.subarray(4, 10) } }));
      pool.fill(0);
      deepEqual(readable((await store.load([scene.eid(1)]))[0]?.journal), [{ seq: 1, turn: 'bytes:turn 1' }]);
    },
  },
  {
    name: 'a batch above the limit of items is refused whole',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const actors = Array.from({ length: store.limits.items + 1 }, (_, n) => scene.start(n + 1));
      await rejects(scene.commit(...actors), StoreRefusedError);
      deepEqual(await store.load([scene.eid(1)]), [undefined]);
      await scene.given(...actors.slice(1));
    },
  },
  {
    name: 'an empty batch is answered with no verdicts',
    run: async ({ store }) => deepEqual(await (await Scene.join(store)).commit(), []),
  },
  {
    name: 'what was acknowledged is there after the store is opened again',
    run: async ({ store, reopen }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, { wakeAt: 5 }), scene.start(2));
      await scene.given(scene.turn(1, 1, { sends: [scene.message(2, 10, 1)] }));
      const again = await reopen();
      const [one, two] = await again.load([scene.eid(1), scene.eid(2)]);
      deepEqual(
        one?.journal.map(row => row.seq),
        [1, 2],
      );
      deepEqual(readable(two?.inbox), readable([scene.message(2, 10, 1)]));
      deepEqual(await again.due([{ shard: 0 as ShardId }], 10, 10), [{ shard: 0, eid: scene.eid(1), wakeAt: 5 }]);
    },
  },
];
