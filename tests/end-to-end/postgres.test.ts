import { join } from 'node:path';
import test from 'ava';
import { startNode } from 'dfns';
import { Child } from './child.ts';
import { Command, project } from './command.ts';
import { Ledger } from './ledger.ts';
import { emptyDatabase, postgresStore } from './postgres-stores.ts';
import { scratch } from './scratch.ts';
import { until } from './until.ts';

test.serial('what a killed node had in hand goes on in the next one once its lease is over', async t => {
  const { store, run } = await postgresStore();
  await run(
    `CREATE TABLE dfns.test_later AS SELECT 0 AS ms; CREATE OR REPLACE FUNCTION dfns.clock_ms() RETURNS double precision
     LANGUAGE sql VOLATILE AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) + ms FROM dfns.test_later $$`,
  );
  const ledger = new Ledger(join(scratch(t), 'ledger'));
  const first = new Child(t, 'one-step.ts', store, ledger.path, '200');
  await until(() => first.isRunning && ledger.lines().length >= 200);
  await first.kill();
  await run('UPDATE dfns.test_later SET ms = 30000');

  const second = new Child(t, 'one-step.ts', store, ledger.path, '0');
  await until(() => second.isRunning && ledger.lines().includes('all closed'));
  await second.kill();
  await run('UPDATE dfns.test_later SET ms = 60000');
  const node = await startNode({ workflows: [], store, log: 'silent' });
  t.teardown(() => node.stop());
  const results = Array.from({ length: 200 }, (_, n) => node.client.get(`one-step-${n}`).result({ timeout: '10s' }));
  t.deepEqual(
    await Promise.all(results),
    Array.from({ length: 200 }, (_, n) => n ** 2),
  );
});

test.serial('dfns migrate prepares a store, --check tells whether it must, and no node does it unasked', async t => {
  const url = await emptyDatabase();
  const cwd = project(t, {
    'w.ts': `import { workflow } from 'dfns'; export const w = workflow({ name: 'w' }, () => 1);`,
  });
  const dfns = async (...args: string[]) => {
    const command = new Command(t, cwd, args, { DFNS_STORE: url });
    const code = await command.ends();
    for (const secret of [new URL(url).password, decodeURIComponent(new URL(url).password)]) {
      t.false(`${command.out}${command.err}`.includes(secret));
    }
    return { code, said: `${command.out}${command.err}` };
  };
  const unasked = await dfns('serve', 'w.ts', '--port', '0');
  t.not(unasked.code, 0);
  t.regex(unasked.said, /dfns migrate --store postgres:/);
  t.is((await dfns('migrate', '--check')).code, 1);
  const done = await dfns('migrate', '--json');
  t.is(done.code, 0);
  t.deepEqual({ ...JSON.parse(done.said), store: '' }, { store: '', from: 0, to: 1, steps: ['tables'] });
  const checked = await dfns('migrate', '--check');
  t.is(checked.code, 0);
  t.regex(checked.said, /nothing to do/);
  t.is((await dfns('migrate', '--store', 'postgres://dfns:secret@127.0.0.1:1/x')).code, 5);
  t.is((await dfns('migrate', '--store', 'sqlite:./app.db')).code, 0);
  t.is((await dfns('migrate', '--store', 'mysql://x')).code, 2);
  const serving = new Command(t, cwd, ['serve', 'w.ts', '--port', '0'], { DFNS_STORE: url });
  await serving.says(/http:\/\//);
});
