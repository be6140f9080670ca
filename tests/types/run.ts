import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judge, parseDiagnostics, type Verdict } from './cases.ts';

/** Compiles the type tests against the built packages and prints a verdict on each of their cases, as TAP. */
const root = join(import.meta.dirname, '../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], {
  cwd: import.meta.dirname,
  encoding: 'utf8',
});
const { diagnostics, others } = parseDiagnostics(stdout + stderr);
const files = readdirSync(import.meta.dirname).filter(file => file.endsWith('.test-d.ts'));
const verdicts: Verdict[] = files.flatMap(file =>
  judge(file, readFileSync(join(import.meta.dirname, file), 'utf8'), diagnostics),
);
const placed = verdicts.flatMap(verdict => verdict.errors).length;
if (others.length > 0) verdicts.push({ title: 'the type tests compile', errors: others });
else if (status !== 0 && placed === 0) verdicts.push({ title: 'the compiler ends', errors: [`exit code ${status}`] });

console.log('TAP version 13');
for (const [index, { title, errors }] of verdicts.entries()) {
  console.log(`${errors.length > 0 ? 'not ok' : 'ok'} ${index + 1} - ${title}`);
  for (const error of errors) console.log(`  ${error}`);
}
console.log(`1..${verdicts.length}`);
process.exitCode = verdicts.some(({ errors }) => errors.length > 0) ? 1 : 0;
