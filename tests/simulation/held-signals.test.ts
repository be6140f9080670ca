import { signal, workflow } from '@dfnsjs/actor-core';
import { MemoryStore } from '@dfnsjs/storage/memory';
import { createTestCluster } from '@dfnsjs/testing';
import test from 'ava';

const SIGNALS = 2_000;
const go = signal<'go', number>('go');

test(`${SIGNALS} signals to a held execution are all taken, in order, once it heals`, async t => {
  let now: (() => number) | undefined;
  const memory = new MemoryStore({ clock: () => now!() });
  const store = (clock: () => number) => {
    now = clock;
    return memory;
  };
  const takes = workflow({ name: 'takes', signals: [go] }, async (ctx, count: number) => {
    const got: number[] = [];
    for await (const each of ctx.signals(go)) {
      got.push(each);
      if (got.length === count) return got;
    }
    return got;
  });
  const other = workflow({ name: 'other' }, async () => 1);

  const before = await createTestCluster({ workflows: [takes], store });
  await before.client.start(takes, SIGNALS, { id: 'one' });
  await before.stop();

  const without = await createTestCluster({ workflows: [other], store, build: 'without', seed: 2 });
  const held = without.client.get('one');
  const accepted: Promise<unknown>[] = [];
  for (let i = 0; i < SIGNALS; i++) accepted.push(held.signal('go', i));
  await Promise.all(accepted);
  t.is((await held.describe()).held?.code, 'UNKNOWN_WORKFLOW');
  await without.stop();

  const healed = await createTestCluster({ workflows: [takes], store, build: 'with', seed: 3 });
  const expected = Array.from({ length: SIGNALS }, (_, i) => i);
  t.deepEqual(await healed.client.get(takes, 'one').result(), expected);
  await healed.stop();
});
