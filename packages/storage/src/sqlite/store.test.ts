import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { conformance } from '../conformance/index.ts';
import { openSqlite } from './open.ts';

for (const mode of ['main', 'worker'] as const) {
  conformance(
    `sqlite, ${mode}`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'dfns store '));
      const path = join(directory, 'a store.db');
      let now = 1_700_000_000_000;
      const open = () => openSqlite(path, { clock: () => now, mode });
      let store = await open();
      return {
        store,
        advance: ms => {
          now += ms;
        },
        reopen: async () => {
          await store.close();
          return (store = await open());
        },
        dispose: async () => {
          await store.close();
          await rm(directory, { recursive: true });
        },
      };
    },
    (title, body) =>
      // One after the other: each opens files and waits for the disk.
      test.serial(title, async t => {
        await body();
        t.pass();
      }),
  );
}
