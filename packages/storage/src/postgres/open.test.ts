import { inspect } from 'node:util';
import { startPostgres } from '@dfnsjs/postgres-server';
import test from 'ava';
import type { Eid, Incarnation } from '@dfnsjs/actor-core/records';
import { Scene } from '../conformance/scene.ts';
import { migratePostgres, noteDeathInPostgres, openPostgres } from './open.ts';

const started = startPostgres();
test.after.always(async () => (await started).stop());

async function database(): Promise<{ readonly url: string; readonly name: string }> {
  const server = await started;
  const name = await server.createDatabase();
  return { name, url: server.url(name) };
}

test.serial('a store that is not migrated is not opened, and the error says what to run', async t => {
  const { url, name } = await database();
  const refusal = await t.throwsAsync(openPostgres(url), { code: 'UNAVAILABLE' });
  const shown = new URL(url);
  t.true(refusal?.message.includes(`dfns migrate --store postgres://dfns@127.0.0.1:${shown.port}/${name}`));
  t.deepEqual(await migratePostgres(url, { check: true }), { from: 0, to: 1, steps: ['tables'] });
  await t.throwsAsync(openPostgres(url), { code: 'UNAVAILABLE' }, 'a check changes nothing');
  t.deepEqual(await migratePostgres(url, { check: false }), { from: 0, to: 1, steps: ['tables'] });
  t.deepEqual(await migratePostgres(url, { check: true }), { from: 1, to: 1, steps: [] });
  const store = await openPostgres(url);
  t.is(store.kind, 'postgres');
  await store.close();
});

test.serial('those who migrate at once are one after the other, and one of them finds work', async t => {
  const { url } = await database();
  const all = await Promise.all(Array.from({ length: 4 }, () => migratePostgres(url, { check: false })));
  t.deepEqual(
    all.map(each => each.steps.length).toSorted((a, b) => a - b),
    [0, 0, 0, 1],
  );
});

test.serial('a build runs on a newer schema unless that says that it is too old', async t => {
  const { url, name } = await database();
  await migratePostgres(url, { check: false });
  const server = await started;
  await server.run(name, "UPDATE dfns.meta SET value = 2 WHERE key = 'schema'");
  await (await openPostgres(url)).close();
  t.deepEqual(await migratePostgres(url, { check: false }), { from: 2, to: 2, steps: [] }, 'nothing is taken back');
  await server.run(name, "UPDATE dfns.meta SET value = 2 WHERE key = 'runs-from'");
  await t.throwsAsync(openPostgres(url), { code: 'UNAVAILABLE', message: /run a newer one/ });
});

test.serial('what stopped a migration in the middle leaves nothing of it', async t => {
  const { url, name } = await database();
  const server = await started;
  await server.run(name, 'CREATE SCHEMA dfns; CREATE TABLE dfns.lane (mine integer)');
  await t.throwsAsync(migratePostgres(url, { check: false }), {
    code: 'UNAVAILABLE',
    message: /"lane" already exists/,
  });
  t.deepEqual(await server.run(name, "SELECT to_regclass('dfns.run') AS run"), [{ run: null }]);
  await server.run(name, 'DROP TABLE dfns.lane');
  t.is((await migratePostgres(url, { check: false })).steps.length, 1);
});

test.serial('a database that cannot keep every text is refused', async t => {
  const server = await started;
  await server.run('postgres', "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  for (const attempt of [openPostgres(server.url('latin')), migratePostgres(server.url('latin'), { check: false })]) {
    await t.throwsAsync(attempt, { code: 'VALIDATION', message: /encoding LATIN1/ });
  }
});

test.serial('a database whose sessions see what was there when they began is refused', async t => {
  const { url, name } = await database();
  await migratePostgres(url, { check: false });
  const server = await started;
  await server.run('postgres', `ALTER DATABASE ${name} SET default_transaction_isolation = 'repeatable read'`);
  await t.throwsAsync(openPostgres(url), { code: 'VALIDATION', message: /begin as repeatable read/ });
});

test.serial('a role that may only read and write rows and call functions is enough for a node', async t => {
  const { url, name } = await database();
  await migratePostgres(url, { check: false });
  const server = await started;
  await server.run(
    name,
    `CREATE ROLE plain LOGIN PASSWORD 'plain'; GRANT USAGE ON SCHEMA dfns TO plain;
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dfns TO plain`,
  );
  const store = await openPostgres(`postgres://plain:plain@127.0.0.1:${server.port}/${name}`);
  t.teardown(() => store.close());
  const scene = await Scene.join(store);
  await scene.given(scene.start(1, { attributes: new Map([['k', 'v']]), status: 'completed' }));
  t.is(await store.remove('default', 'run-1', scene.eid(1)), 'removed');
});

const death = {
  incarnation: 'node-1' as Incarnation,
  build: 'b',
  eid: 7 as Eid,
  command: 3,
  isBody: false,
  address: null,
};

test.serial('a death is noted without the store that is open', async t => {
  const { url } = await database();
  await migratePostgres(url, { check: false });
  await noteDeathInPostgres(url, death, 10_000);
  const store = await openPostgres(url);
  const [told] = await store.deaths!();
  t.like(told, death);
  await store.close();
});

test.serial('the password stands in no error, whatever goes wrong', async t => {
  const { url, name } = await database();
  const server = await started;
  const password = decodeURIComponent(new URL(url).password);
  const secrets = [password, encodeURIComponent(password), new URL(url).password, 'hunter2'];
  const wrong = new URL(url);
  wrong.password = 'hunter2';
  const nobody = new URL(url);
  nobody.port = '1';
  const errors: unknown[] = [];
  const note = (attempt: Promise<unknown>) =>
    attempt.then(
      () => t.fail('it must be refused'),
      (error: unknown) => errors.push(error),
    );
  await note(openPostgres(url));
  await note(openPostgres(wrong.href));
  await note(openPostgres(nobody.href));
  await note(openPostgres(server.url('absent')));
  await note(openPostgres('postgres://u:hunter2@ho st/d'));
  await note(openPostgres('postgres://u:hunter2@[::1/d'));
  await note(openPostgres('postgres://u:hun%ter2@127.0.0.1/d'));
  await note(openPostgres(`${url}?sslmode=verify-full`));
  await note(openPostgres(`postgres://127.0.0.1:1/d?password=hunter2`));
  await note(migratePostgres(wrong.href, { check: true }));
  await note(noteDeathInPostgres(wrong.href, death, 10_000));
  await note(noteDeathInPostgres(nobody.href, death, 10_000));
  await migratePostgres(url, { check: false });
  const store = await openPostgres(url, { deadlineMs: 2_000 });
  await server.run(name, 'DROP SCHEMA dfns CASCADE');
  await note(store.shards());
  await store.close();
  await note(store.shards());
  t.is(errors.length, 14);
  for (const error of errors) {
    const text = inspect(error, { depth: 20, showHidden: true }) + String(error) + JSON.stringify(error);
    for (const secret of secrets) t.false(text.includes(secret), text);
  }
});
