import test from 'ava';
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import { MemoryStore } from './store.ts';
import { type Fault, FaultyStore } from '../conformance/faulty-store.ts';
import { Scene } from '../conformance/scene.ts';

/** A node on a memory store whose first commit has a fault. */
async function given(fault: Fault) {
  const store = new MemoryStore({ clock: () => 0 });
  const faulty = new FaultyStore(store, (call, number) => (call === 'commit' && number === 1 ? fault : undefined));
  const scene = await Scene.join(faulty);
  const landed = async () => (await store.load([scene.eid(1)]))[0] !== undefined;
  return { faulty, scene, landed };
}

test('refuse: nothing lands, and the next call goes through', async t => {
  const { scene, landed } = await given({ kind: 'refuse' });
  await t.throwsAsync(scene.commit(scene.start(1)), { instanceOf: StoreRefusedError });
  t.false(await landed());
  await scene.given(scene.start(1));
  t.true(await landed());
});

for (const lands of ['now', 'never', 'later'] as const) {
  test(`unknown, landing ${lands}`, async t => {
    const { faulty, scene, landed } = await given({ kind: 'unknown', lands });
    await t.throwsAsync(scene.commit(scene.start(1)), { instanceOf: OutcomeUnknownError });
    t.is(await landed(), lands === 'now');
    t.is(faulty.late, lands === 'later' ? 1 : 0);
    t.is(await faulty.land(), lands === 'later');
    t.is(await landed(), lands !== 'never');
    t.false(await faulty.land());
  });

  test(`hang, landing ${lands}`, async t => {
    const { faulty, scene, landed } = await given({ kind: 'hang', lands });
    const hanging = scene.commit(scene.start(1));
    await faulty.shards();
    t.is(await landed(), lands === 'now');
    await faulty.land();
    t.is(await landed(), lands !== 'never');
    t.is(await Promise.race([hanging, faulty.shards().then(() => 'still hanging')]), 'still hanging');
  });
}

for (const lands of ['now', 'then'] as const) {
  test(`slow, landing ${lands}`, async t => {
    const gate = Promise.withResolvers<void>();
    const { faulty, scene, landed } = await given({ kind: 'slow', until: gate.promise, lands });
    const slow = scene.commit(scene.start(1));
    await faulty.shards();
    t.is(await landed(), lands === 'now');
    gate.resolve();
    t.deepEqual(await slow, [{ kind: 'done' }]);
    t.true(await landed());
  });
}

test('the schedule sees the kind of each call, its number and the batch', async t => {
  const seen: unknown[] = [];
  const faulty = new FaultyStore(new MemoryStore({ clock: () => 0 }), (call, number, batch) => {
    seen.push([call, number, batch?.actors.length]);
    return undefined;
  });
  await faulty.shards();
  const empty = { commitId: 'c' as never, incarnation: 'i' as never, actors: [] };
  await faulty.commit(empty);
  await faulty.commit(empty);
  t.deepEqual(seen, [
    ['shards', 1, undefined],
    ['commit', 1, 0],
    ['commit', 2, 0],
  ]);
});
