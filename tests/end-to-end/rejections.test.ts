import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

// In processes of their own, since a test runner listens for rejections too.
const program = join(import.meta.dirname, 'programs/rejections.ts');
const run = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

test('a rejection that nobody handles fails its execution and harms nothing else; handled late it is fine', t => {
  const { stdout, stderr, status } = run();
  t.is(status, 0, stderr);
  t.deepEqual(JSON.parse(stdout), ['Error: nobody looks', 'handled in time', 'Error: at once', 'untouched']);
});

test('a rejection that no workflow raised ends the process as it would without dfns', t => {
  const { stderr, status } = run('outside');
  t.is(status, 1);
  t.regex(stderr, /Error: outside/);
});
