import { deepEqual } from 'node:assert/strict';
import type { ActorCommit, CommitVerdict } from '@dfnsjs/actor-core/ports';
import type { Epoch } from '@dfnsjs/actor-core/records';
import type { ConformanceCase, OpenedStore } from './opened-store.ts';
import { bytes, NAMESPACE, Scene } from './scene.ts';
import { traceOf } from './trace.ts';

interface Flaw {
  readonly verdict: (scene: Scene) => CommitVerdict;
  readonly apply: (actor: ActorCommit, scene: Scene) => ActorCommit;
}

/** What can be wrong with a commit, in the order in which a store must look at it. */
const FLAWS: readonly Flaw[] = [
  { verdict: () => ({ kind: 'fenced' }), apply: actor => ({ ...actor, epoch: (actor.epoch + 1) as Epoch }) },
  {
    verdict: () => ({ kind: 'conflict' }),
    apply: actor => ({ ...actor, prevSeq: 3, journal: { seq: 4, turn: bytes('gap') } }),
  },
  {
    verdict: () => ({ kind: 'already-taken' }),
    apply: (actor, scene) => ({ ...actor, takes: [...actor.takes!, scene.message(1, 99)] }),
  },
  {
    verdict: scene => ({ kind: 'duplicate', eid: scene.eid(3), hash: 'first' }),
    apply: actor => ({ ...actor, idempotency: { ...actor.idempotency!, key: 'used' } }),
  },
  {
    verdict: scene => ({ kind: 'exists', eid: scene.eid(3), status: 'completed' }),
    apply: (actor, scene) => ({ ...actor, insert: scene.run(2, { id: 'run-3' }), current: { expect: null } }),
  },
];

/** A store in which the flaws can be told apart, and a commit of run 1 that writes all there is to write. */
async function given({ store }: OpenedStore): Promise<{ scene: Scene; whole: ActorCommit }> {
  const scene = await Scene.join(store);
  const idempotency = { namespace: NAMESPACE, hash: 'first', eid: scene.eid(3), expiresAt: Number.MAX_SAFE_INTEGER };
  await scene.given(
    scene.start(1),
    scene.start(3, { status: 'completed' }, { idempotency: { ...idempotency, key: 'used' } }),
  );
  await scene.given(scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 5), scene.message(1, 6)] }));
  const whole = scene.turn(1, 1, {
    update: { status: 'continued-as-new', wakeAt: 0, attributes: new Map([['k', 'v']]) },
    insert: scene.run(2, { id: 'run-1', first: scene.eid(1), wakeAt: 0 }),
    current: { expect: scene.eid(1) },
    idempotency: { ...idempotency, key: 'fresh', hash: 'other', eid: scene.eid(2) },
    snapshot: { from: 1, to: 1, turns: bytes('folded') },
    takes: [scene.message(1, 5)],
    sends: [scene.message(3, 7, 1)],
    accepts: [scene.message(1, 8)],
  });
  return { scene, whole };
}

function traced(scene: Scene) {
  return traceOf(
    scene.store,
    [1, 2, 3].map(n => scene.eid(n)),
    ['run-1', 'run-3'],
  );
}

function flawed(whole: ActorCommit, scene: Scene, flaws: readonly Flaw[]): ActorCommit {
  return flaws.reduce((actor, flaw) => flaw.apply(actor, scene), whole);
}

export const REFUSALS: readonly ConformanceCase[] = [
  {
    name: 'without a flaw the commit that writes everything lands',
    run: async opened => {
      const { scene, whole } = await given(opened);
      deepEqual(await scene.commit(whole), [{ kind: 'done' }]);
    },
  },
  ...FLAWS.map((flaw, index) => ({
    name: `flaw ${index + 1} is told, leaves no trace, and its neighbours in the batch land`,
    run: async (opened: OpenedStore) => {
      const { scene, whole } = await given(opened);
      const before = await traced(scene);
      // Runs of another namespace, so that the lists of the trace do not show them.
      const near = { namespace: 'near' };
      const verdicts = await scene.commit(scene.start(11, near), flawed(whole, scene, [flaw]), scene.start(12, near));
      deepEqual(verdicts, [{ kind: 'done' }, flaw.verdict(scene), { kind: 'done' }]);
      deepEqual(await traced(scene), before);
      deepEqual(
        (await scene.store.load([11, 12].map(n => scene.eid(n)))).map(one => one?.journal.length),
        [1, 1],
      );
      deepEqual(await scene.commit(whole), [{ kind: 'done' }]);
    },
  })),
  ...FLAWS.map((flaw, index) => ({
    name: `flaw ${index + 1} is told before each that comes after it`,
    run: async (opened: OpenedStore) => {
      const { scene, whole } = await given(opened);
      const before = await traced(scene);
      for (const later of FLAWS.slice(index + 1)) {
        deepEqual(await scene.commit(flawed(whole, scene, [flaw, later])), [flaw.verdict(scene)]);
      }
      deepEqual(await scene.commit(flawed(whole, scene, FLAWS.slice(index))), [flaw.verdict(scene)]);
      deepEqual(await traced(scene), before);
    },
  })),
  {
    name: 'a batch of nothing but refusals changes nothing',
    run: async opened => {
      const { scene, whole } = await given(opened);
      const before = await traced(scene);
      const verdicts = await scene.commit(...FLAWS.map(flaw => flawed(whole, scene, [flaw])));
      deepEqual(
        verdicts,
        FLAWS.map(flaw => flaw.verdict(scene)),
      );
      deepEqual(await traced(scene), before);
    },
  },
];
