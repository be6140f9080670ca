import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

// Within the repository, so that the programs find dfns as a user's would.
const programs = join(ROOT, 'tests/dist');
mkdirSync(programs, { recursive: true });
const folder = mkdtempSync(join(programs, 'readme-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const files = blocks.map((code, n) => {
  const file = join(folder, `program-${n + 1}.ts`);
  writeFileSync(file, code);
  return file;
});

const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });

test("README's programs compile under strict options", t => {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.base.json',
      compilerOptions: { composite: false, incremental: false, noEmit: true, types: ['node'] },
      files,
    }),
  );
  const { stdout, status } = run(join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder);
  t.is(stdout, '');
  t.is(status, 0);
});

test("README's programs say what they say they do", t => {
  const outputs = files.map(file => {
    const { stdout, stderr, status } = run(file);
    return status === 0 ? stdout : stderr;
  });
  t.deepEqual(outputs, ['Hello, Mia.\n', '2\n2\n2\n']);
});
