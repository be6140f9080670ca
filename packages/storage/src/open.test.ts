import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { fileBeside, migrateStore, openStore } from './open.ts';

const clock = () => 1_700_000_000_000;

function scratch(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'dfns open '));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('a file beside a store has one name, however the store is named; a store in memory has none', async t => {
  const folder = scratch(t);
  const path = join(folder, 'app.db');
  await (await openStore(`sqlite:${path}`, { clock })).close();
  const link = join(folder, 'link.db');
  symlinkSync(path, link);
  t.is(await fileBeside(`sqlite:${link}`, '-deaths'), await fileBeside(`sqlite:${path}`, '-deaths'));
  t.regex((await fileBeside(`sqlite:${path}`, '-deaths')) ?? '', /app\.db-deaths$/);
  t.is(await fileBeside('memory:', '-deaths'), undefined);
});

test('memory: opens a store of its own each time', async t => {
  const store = await openStore('memory:', { clock });
  t.is(store.kind, 'memory');
  t.not(await openStore('memory:', { clock }), store);
});

test('sqlite: takes relative and absolute paths, spaces included, and makes the file', async t => {
  const path = join(scratch(t), 'my store.db');
  const store = await openStore(`sqlite:${relative(process.cwd(), path)}`, { clock });
  t.is(store.kind, 'sqlite');
  await t.throwsAsync(openStore(`sqlite:${path}`, { clock }), { code: 'UNAVAILABLE' });
  await store.close();
  await (await openStore(`sqlite:${path}`, { clock })).close();
});

test('two names of one file meet the same lock', async t => {
  const directory = scratch(t);
  const store = await openStore(`sqlite:${join(directory, 'a.db')}`, { clock });
  symlinkSync(join(directory, 'a.db'), join(directory, 'b.db'));
  await t.throwsAsync(openStore(`sqlite:${join(directory, 'b.db')}`, { clock }), { code: 'UNAVAILABLE' });
  await store.close();
});

test('a path that cannot be a store is VALIDATION and says which', async t => {
  const directory = scratch(t);
  const missing = join(directory, 'missing', 'a.db');
  const refusal = await t.throwsAsync(openStore(`sqlite:${missing}`, { clock }), { code: 'VALIDATION' });
  t.true(refusal?.message.includes(missing));
  await t.throwsAsync(openStore(`sqlite:${directory}`, { clock }), { code: 'VALIDATION', message: /is a directory/ });
  await t.throwsAsync(openStore('sqlite::memory:', { clock }), { code: 'VALIDATION', message: /use "memory:"/ });
  await t.throwsAsync(openStore('sqlite:', { clock }), { code: 'VALIDATION' });
});

test('an unknown scheme is VALIDATION with those there are, and shows no more of the URL', async t => {
  const refusal = await t.throwsAsync(openStore('mysql://user:secret@host/db', { clock }), { code: 'VALIDATION' });
  t.true(refusal?.message.includes('"memory:", "sqlite:PATH" or "postgres://'));
  t.false(JSON.stringify([refusal?.message, refusal]).includes('secret'));
  await t.throwsAsync(openStore('plain/path.db', { clock }), { code: 'VALIDATION' });
});

test('stores of one process have nothing to migrate', async t => {
  t.is(await migrateStore('memory:', { check: false }), undefined);
  t.is(await migrateStore('sqlite:./none.db', { check: true }), undefined);
  await t.throwsAsync(migrateStore('mysql://x', { check: true }), { code: 'VALIDATION' });
});

for (const [given, shown] of [
  ['foo', '"foo" is no URL of a store'],
  ['./app.db', '"./app.db" is no URL of a store'],
  ['s3cret@db/app?password=s3cret', '"db/app" is no URL of a store'],
  ['mysql://u:s3cret@db/app', 'No store driver for "mysql"'],
] as const) {
  test(`a store that is none is told without what may be a password, and what there is: ${shown}`, async t => {
    const refusal = await t.throwsAsync(migrateStore(given, { check: true }), { code: 'VALIDATION' });
    t.true(refusal?.message.startsWith(`${shown}: a store is "memory:", "sqlite:PATH" or "postgres://`));
    t.notRegex(refusal?.message ?? '', /s3cret/);
  });
}
