import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report } from './report.ts';

/** Runs one order through three processes, of which two are killed. */
const folder = mkdtempSync(join(tmpdir(), 'dfns-demo-'));

async function live(n: number): Promise<void> {
  console.log(`\nProcess ${n}`);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'process.ts'), folder, String(n)], {
    stdio: 'inherit',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const expected = n < 3 ? signal === 'SIGKILL' : code === 0;
  if (!expected) throw new Error(`Process ${n} ended with ${signal ?? code}.`);
}

console.log('One order, three processes, two of them killed, one SQLite file.');
try {
  for (const n of [1, 2, 3]) await live(n);
  await report(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
