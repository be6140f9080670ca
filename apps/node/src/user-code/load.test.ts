import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadFiles } from './load.ts';

// Within the repository, so that they find dfns as a user's files would.
const scratch = join(import.meta.dirname, '../../dist/load-test');

function folder(t: ExecutionContext, files: Record<string, string>): string {
  mkdirSync(scratch, { recursive: true });
  const path = mkdtempSync(join(scratch, 'f-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(path, name), `import { task, workflow } from '@dfnsjs/actor-core';\n${text}`);
  }
  return path;
}

const load = (path: string, ...files: string[]) => loadFiles(files, { folder: path });

test('every workflow and task that a file exports is taken, types stripped', async t => {
  const path = folder(t, {
    'a.ts': `
      interface In { readonly n: number }
      export const double = task({ name: 'double' }, async (input: In) => input.n * 2);
      export const one = workflow({ name: 'one' }, async (ctx, input: In) => ctx.run(double, input));
      export default workflow({ name: 'one', version: 2 }, () => 2);
      export const other = 5;`,
  });
  const { workflows, tasks, files } = await load(path, 'a.ts', './a.ts');
  t.deepEqual(workflows.map(({ name, version }) => `${name}@${version}`).toSorted(), ['one@1', 'one@2']);
  t.deepEqual(
    tasks.map(({ name }) => name),
    ['double'],
  );
  t.deepEqual(files, [join(path, 'a.ts')]);
});

test('two of one name and version are refused, both files named', async t => {
  const path = folder(t, {
    'a.ts': "export const a = workflow({ name: 'same' }, () => 1); export const t1 = task({ name: 'same' }, () => 1);",
    'b.ts': "export const b = workflow({ name: 'same' }, () => 2);",
    'c.ts': "export const t2 = task({ name: 'same' }, () => 2);",
  });
  await t.throwsAsync(load(path, 'a.ts', 'b.ts'), { code: 'VALIDATION', message: /"same", version 1.*a\.ts.*b\.ts/ });
  await t.throwsAsync(load(path, 'a.ts', 'c.ts'), {
    code: 'VALIDATION',
    message: /tasks are named "same".*a\.ts.*c\.ts/,
  });
});

test('an export of an export is one', async t => {
  const path = folder(t, {
    'a.ts': "export const a = workflow({ name: 'a' }, () => 1);",
    'index.ts': "export { a } from './a.ts'; export const b = workflow({ name: 'b' }, () => 1);",
  });
  t.is((await load(path, 'a.ts', 'index.ts')).workflows.length, 2);
});

for (const [title, text, message] of [
  ['nothing of dfns', 'export const n = 1;', /^a\.ts exports no workflow and no task/],
  [
    'a workflow without a function',
    "export const a = workflow({ name: 'a' });",
    /^a\.ts exports only a workflow without a function/,
  ],
  ['an enum', 'export enum E { A }', /a\.ts:2[^]*enum[^]*--import a loader such as tsx/],
  ['a syntax error', 'export const = 1;', /^a\.ts cannot be loaded\. [^]*a\.ts:2/],
  ['an import of nothing', "import './gone.ts';", /^a\.ts cannot be loaded\. Error: Cannot find module/],
  [
    'a body that throws',
    "throw new TypeError('no key');",
    /^a\.ts cannot be loaded\. TypeError: no key\n {4}at .*a\.ts:2/,
  ],
  [
    'a wrong definition',
    "export const a = workflow({ name: 'a', tiemout: 1 }, () => 1);",
    /Did you mean "timeout"\?\n {4}at .*a\.ts:2/,
  ],
] as const) {
  test(`${title} is refused, and why`, async t => {
    await t.throwsAsync(load(folder(t, { 'a.ts': text }), 'a.ts'), { code: 'VALIDATION', message });
  });
}

test('a file that is not there, and a folder', async t => {
  const path = folder(t, {});
  await t.throwsAsync(load(path, 'gone.ts'), { code: 'VALIDATION', message: 'There is no file gone.ts.' });
  await t.throwsAsync(load(path, '.'), { code: 'VALIDATION', message: /is a folder/ });
});

test('loaders come first, and are told where they fail', async t => {
  const path = folder(t, { 'a.ts': "export const a = workflow({ name: globalThis.named ?? 'unnamed' }, () => 1);" });
  writeFileSync(join(path, 'loader.mjs'), "globalThis.named = 'by the loader';");
  const { workflows } = await loadFiles(['a.ts'], { folder: path, imports: ['./loader.mjs'] });
  t.is(workflows[0]?.name, 'by the loader');
  await t.throwsAsync(loadFiles(['a.ts'], { folder: path, imports: ['no-such-loader'] }), {
    code: 'VALIDATION',
    message: /^--import no-such-loader cannot be loaded/,
  });
});
