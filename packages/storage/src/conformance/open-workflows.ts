import { deepEqual } from 'node:assert/strict';
import type { Store } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { Scene } from './scene.ts';

const [ZERO, ONE, TWO] = [0, 1, 2] as ShardId[] as [ShardId, ShardId, ShardId];
const HELD = { code: 'UNKNOWN_WORKFLOW', message: 'm', build: 'b1', at: 1 };

async function open(store: Store, ...shards: ShardId[]): Promise<string[]> {
  const rows = await store.openWorkflows!(shards);
  return rows.map(({ shard, name, version }) => `${shard} ${name} ${version}`).sort();
}

/** Of stores that nodes share. */
export const OPEN_WORKFLOWS: readonly ConformanceCase[] = [
  {
    name: 'each version of a workflow that a shard has open executions of is told once, of the shards that were asked for',
    run: async ({ store }) => {
      if (!store.openWorkflows) return;
      const scene = await Scene.join(store);
      await scene.given(
        ...[1, 2, 3].map(n => scene.start(n, { workflow: 'order', version: 2 })),
        scene.start(4, { workflow: 'order', version: 10 }),
        scene.start(5, { workflow: 'Ärger \0', version: 1 }),
        scene.start(6, { workflow: 'order', version: 2, shard: ONE }),
        scene.start(7, { workflow: 'mail', version: 1, shard: ONE }),
      );
      deepEqual(await open(store, ZERO), ['0 order 10', '0 order 2', '0 Ärger \0 1']);
      deepEqual(await open(store, ONE, TWO), ['1 mail 1', '1 order 2']);
      deepEqual(await open(store, TWO), []);
      deepEqual(await open(store), []);
      deepEqual((await open(store, TWO, ONE, ZERO)).length, 5);
    },
  },
  {
    name: 'held executions count, closed ones and earlier runs do not',
    run: async ({ store }) => {
      if (!store.openWorkflows) return;
      const scene = await Scene.join(store);
      await scene.given(
        scene.start(1, { workflow: 'held', held: HELD }),
        scene.start(2, { workflow: 'closed' }),
        scene.start(3, { workflow: 'chain', version: 1 }),
      );
      await scene.given(scene.part(scene.eid(2), 1, { update: { status: 'completed' } }));
      const next = scene.run(4, { id: 'run-3', first: scene.eid(3), workflow: 'chain', version: 2 });
      const goesOn = {
        update: { status: 'continued-as-new' },
        insert: next,
        current: { expect: scene.eid(3) },
      } as const;
      await scene.given(scene.turn(3, 1, goesOn));
      deepEqual(await open(store, ZERO), ['0 chain 2', '0 held 1']);
    },
  },
];
