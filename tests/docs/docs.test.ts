import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { links, programs, ROOT } from './pages.ts';
import { sessions, Shell } from './sessions.ts';

// Within the repository, so that the programs find dfns as a user's would.
const parent = join(ROOT, 'tests/dist');
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'docs-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const all = programs().map((program, n) => {
  const file = join(folder, `program-${n + 1}.ts`);
  writeFileSync(file, program.code);
  return { ...program, file };
});

/** Each in a folder of its own, for the stores that they open. */
function run(cwd: string, ...args: string[]): Promise<{ code: unknown; output: string }> {
  mkdirSync(cwd, { recursive: true });
  return new Promise(resolve => {
    execFile(process.execPath, args, { cwd }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, output: error ? stdout + stderr : stdout }),
    );
  });
}

test('the programs of the pages compile under strict options', async t => {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.base.json',
      compilerOptions: { composite: false, incremental: false, noEmit: true, types: ['node'] },
      files: all.map(({ file }) => file),
    }),
  );
  const { code, output } = await run(folder, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder);
  const named = all.reduce((text, { file, where }) => text.replaceAll(file.slice(folder.length + 1), where), output);
  t.is(named, '');
  t.is(code, 0);
});

for (const { where, file, prints } of all) {
  test(`${where} runs${prints === undefined ? '' : ', and prints what its page says'}`, async t => {
    const { code, output } = await run(file.replace(/\.ts$/, ''), file);
    t.is(code, 0, output);
    if (prints !== undefined) t.is(output, prints);
  });
}

for (const { page, files, blocks } of sessions()) {
  test.serial(`what ${page} types in a shell prints what it says`, async t => {
    const cwd = join(folder, `session-${page.replaceAll(/\W/g, '-')}`);
    mkdirSync(cwd, { recursive: true });
    for (const { name, code } of files) writeFileSync(join(cwd, name), code);
    const shell = new Shell(cwd);
    t.teardown(() => shell.close());
    for (const { line, code, prints } of blocks) {
      const output = await shell.run(code);
      if (prints !== undefined) t.is(output, prints, `${page}:${line}`);
    }
  });
}

test('what the pages link to is there', t => {
  t.deepEqual(
    links().filter(({ to }) => !existsSync(to)),
    [],
  );
});
