import test from 'ava';
import { conformance } from '../conformance/index.ts';
import { MemoryStore } from './store.ts';

conformance(
  'memory',
  async () => {
    let now = 1_700_000_000_000;
    const store = new MemoryStore({ clock: () => now });
    return {
      store,
      advance: ms => {
        now += ms;
      },
      // The object outlives the node that used it.
      reopen: async () => store,
      dispose: () => store.close(),
    };
  },
  (title, body) =>
    test(title, async t => {
      await body();
      t.pass();
    }),
);
