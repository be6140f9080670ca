import { task, workflow } from '@dfnsjs/actor-core';
import { MemoryStore } from '@dfnsjs/storage/memory';
import { createTestCluster } from '@dfnsjs/testing';
import test from 'ava';

for (const end of ['stops', 'crashes'] as const) {
  test(`a task with one attempt does not begin again at the next node when its node ${end}`, async t => {
    let now: (() => number) | undefined;
    const memory = new MemoryStore({ clock: () => now!() });
    const store = (clock: () => number) => {
      now = clock;
      return memory;
    };
    let begun = 0;
    let begin: (() => void) | undefined;
    const began = new Promise<void>(resolve => {
      begin = resolve;
    });
    const once = task({ name: 'once', retry: { maxAttempts: 1 } }, () => {
      begun++;
      begin!();
      return new Promise<void>(() => {});
    });
    const work = workflow({ name: 'work' }, async ctx => {
      await ctx.run(once).catch((error: unknown) => error);
      return 'went on';
    });
    const first = await createTestCluster({ workflows: [work], store });
    const handle = await first.client.start(work, undefined, { id: 'one' });
    const lost = handle.result().catch(() => undefined);
    await began;
    let last = first;
    if (end === 'crashes') await first.crash();
    else {
      await first.stop();
      last = await createTestCluster({ workflows: [work], store, seed: 2 });
    }
    t.is(await last.client.get(work, 'one').result(), 'went on');
    t.is(begun, 1);
    await last.stop();
    if (end === 'crashes') await lost;
  });
}
