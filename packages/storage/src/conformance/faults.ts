import { deepEqual, equal, rejects } from 'node:assert/strict';
import { StoreRefusedError } from '@dfnsjs/actor-core/ports';
import { type Fault, FaultyStore } from './faulty-store.ts';
import type { ConformanceCase } from './opened-store.ts';
import { Scene } from './scene.ts';

/** What a store must stand while some of its calls fail. */
export const FAULTS: readonly ConformanceCase[] = [
  {
    name: 'a refused batch leaves nothing and may be sent again',
    run: async ({ store }) => {
      const faulty = new FaultyStore(store, (call, number) =>
        call === 'commit' && number === 2 ? { kind: 'refuse' } : undefined,
      );
      const scene = await Scene.join(faulty);
      await scene.given(scene.start(1));
      const batch = scene.batch(scene.turn(1, 1), scene.start(2));
      await rejects(faulty.commit(batch), StoreRefusedError);
      equal((await store.load([scene.eid(1)]))[0]?.journal.length, 1);
      deepEqual(
        (await faulty.commit(batch)).map(verdict => verdict.kind),
        ['done', 'done'],
      );
    },
  },
  {
    name: 'reads are answered while a commit hangs, from what is committed',
    run: async ({ store }) => {
      const hang: Fault = { kind: 'hang', lands: 'later' };
      const faulty = new FaultyStore(store, (call, number) => (call === 'commit' && number === 2 ? hang : undefined));
      const scene = await Scene.join(faulty);
      await scene.given(scene.start(1));
      const hanging = faulty.commit(scene.batch(scene.turn(1, 1)));
      equal((await faulty.load([scene.eid(1)]))[0]?.journal.length, 1);
      equal(await Promise.race([hanging, faulty.shards().then(() => 'other calls go on')]), 'other calls go on');
      await faulty.land();
      equal((await faulty.load([scene.eid(1)]))[0]?.journal.length, 2);
    },
  },
  {
    name: 'a slow commit is answered with its verdicts',
    run: async ({ store }) => {
      const gate = Promise.withResolvers<void>();
      const slow: Fault = { kind: 'slow', until: gate.promise, lands: 'then' };
      const faulty = new FaultyStore(store, (call, number) => (call === 'commit' && number === 1 ? slow : undefined));
      const scene = await Scene.join(faulty);
      const first = scene.commit(scene.start(1, { id: 'same' }));
      deepEqual(await scene.commit(scene.start(2, { id: 'same' })), [{ kind: 'done' }]);
      gate.resolve();
      deepEqual(await first, [{ kind: 'exists', eid: scene.eid(2), status: 'running' }]);
    },
  },
];
