import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkNames, readConfigFile } from './file.ts';

function folder(t: ExecutionContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'dfns-config-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

for (const [name, text] of [
  ['dfns.config.ts', "const store: string = 'memory:';\nexport default { store };"],
  ['dfns.config.js', "export default { store: 'memory:' };"],
  ['dfns.config.json', '{ "store": "memory:" }'],
] as const) {
  test(`${name} is read as it is`, async t => {
    const file = await readConfigFile(folder(t, { [name]: text, 'package.json': '{"type":"module"}' }));
    t.deepEqual({ ...file?.values }, { store: 'memory:' });
  });
}

test('a folder without one has none; one that is named must be there', async t => {
  const path = folder(t, {});
  t.is(await readConfigFile(path), undefined);
  await t.throwsAsync(readConfigFile(path, 'other.json'), { code: 'VALIDATION', message: /There is no such file/ });
});

test('two are one too many', async t => {
  const path = folder(t, { 'dfns.config.ts': 'export default {};', 'dfns.config.json': '{}' });
  await t.throwsAsync(readConfigFile(path), { code: 'VALIDATION', message: /dfns\.config\.ts and dfns\.config\.json/ });
});

for (const [title, name, text, message] of [
  ['what is no JSON', 'dfns.config.json', '{', /cannot be read: .*JSON/],
  ['a list', 'dfns.config.json', '[]', /must hold an object/],
  [
    'a file without a default export',
    'dfns.config.js',
    'export const store = 1;',
    /must export its options by `export default/,
  ],
  ['a file that throws', 'dfns.config.js', "throw new Error('no mailer');", /cannot be read: no mailer/],
] as const) {
  test(`${title} is refused`, async t => {
    const path = folder(t, { [name]: text, 'package.json': '{"type":"module"}' });
    await t.throwsAsync(readConfigFile(path), { code: 'VALIDATION', message });
  });
}

test('a slip is told with its line and the nearest name', async t => {
  const text = 'export default {\n  // the store\n  stroe: "memory:",\n};\n';
  const file = await readConfigFile(folder(t, { 'dfns.config.js': text, 'package.json': '{"type":"module"}' }));
  await t.throwsAsync(checkNames(file!, ['store', 'shards']), {
    code: 'VALIDATION',
    message: 'There is no option "stroe" (dfns.config.js:3). Did you mean "store"?',
  });
  await t.notThrowsAsync(checkNames({ ...file!, values: { store: 1, files: [], profiles: {} } }, ['store']));
});
