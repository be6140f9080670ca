import { installations } from '@dfnsjs/postgres-server';
import test from 'ava';
import { conformance } from '../conformance/index.ts';
import { Databases } from './databases.test.support.ts';
import { openPostgres } from './open.ts';

for (const installation of installations()) {
  let started: Promise<readonly [Databases, string]> | undefined;
  const start = async () => {
    const databases = await Databases.start(installation);
    return [databases, await databases.create()] as const;
  };
  test.after.always(async () => (await started)?.[0].stop());

  conformance(
    `postgres ${installation.version}`,
    async () => {
      const [databases, database] = await (started ??= start());
      await databases.empty(database);
      const open = () => openPostgres(databases.server.url(database));
      let store = await open();
      return {
        store,
        advance: ms => databases.advance(database, ms),
        reopen: async () => {
          await store.close();
          return (store = await open());
        },
        dispose: () => store.close(),
      };
    },
    (title, body) =>
      // One after the other: they have one database.
      test.serial(title, async t => {
        await body();
        t.pass();
      }),
  );
}
