import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';

test('what a removed source left in dist goes, all else stays', t => {
  const house = mkdtempSync(join(tmpdir(), 'dfns-orphans-'));
  t.teardown(() => rmSync(house, { recursive: true }));
  const write = (file: string) => {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), '');
  };
  const kept = [
    'packages/a/src/ids/x.ts',
    'packages/a/dist/ids/x.js',
    'packages/a/dist/ids/x.d.ts',
    'packages/a/dist/.tsbuildinfo',
  ];
  const gone = ['packages/a/dist/ids/y.test.js', 'packages/a/dist/ids/y.test.d.ts.map', 'apps/b/dist/z.js'];
  [...kept, ...gone].forEach(write);
  execFileSync(process.execPath, [join(import.meta.dirname, 'orphans.ts')], { cwd: house });
  t.deepEqual(
    kept.filter(file => !existsSync(join(house, file))),
    [],
  );
  t.deepEqual(
    gone.filter(file => existsSync(join(house, file))),
    [],
  );
});
