import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');
const OXLINT = join(ROOT, 'node_modules/oxlint/bin/oxlint');
const save = 'async function save(): Promise<void> {}\n';

interface Seed {
  readonly title: string;
  readonly code: string;
  /** The finding that must come; without one, none may. */
  readonly finds?: string;
  readonly folder?: string;
  readonly ending?: string;
}

const seeds: Seed[] = [
  {
    title: 'a forgotten await',
    code: `${save}export function f() { save(); }`,
    finds: 'typescript(no-floating-promises)',
  },
  {
    title: 'a forgotten await of a subclass of Promise',
    code: 'class Durable<T> extends Promise<T> {}\nexport function f(all: () => Durable<number>) { all(); }',
    finds: 'typescript(no-floating-promises)',
  },
  {
    title: 'a forgotten await of a thenable',
    code: 'interface Soon { then(a: () => void, b: () => void): void }\nexport function f(all: () => Soon) { all(); }',
    finds: 'typescript(no-floating-promises)',
  },
  {
    title: 'an async callback of forEach',
    code: `${save}export function f(all: number[]) { all.forEach(async () => { await save(); }); }`,
    finds: 'typescript(no-misused-promises)',
  },
  {
    title: 'a promise as a condition',
    code: 'export function f(has: () => Promise<boolean>) { return has() ? 1 : 2; }',
    finds: 'typescript(no-misused-promises)',
  },
  {
    title: 'an await of nothing to wait for',
    code: 'export async function f(x: number) { await x; }',
    finds: 'typescript(await-thenable)',
  },
  {
    title: 'a switch that forgets a kind',
    code: "export function f(x: 'a' | 'b') { switch (x) { case 'a': return 1; } return 2; }",
    finds: 'typescript(switch-exhaustiveness-check)',
  },
  { title: 'any', code: 'export const f = (x: any) => x;', finds: 'typescript(no-explicit-any)' },
  { title: '==', code: 'export const f = (x: string, y: string) => x == y;', finds: 'eslint(eqeqeq)' },
  { title: 'an unused variable', code: 'const x = 1;\nexport {};', finds: 'eslint(no-unused-vars)' },
  {
    title: 'an import of types that looks like one of values',
    code: "import { X } from './x.ts';\nexport type Y = X;",
    finds: 'typescript(consistent-type-imports)',
  },
  {
    title: 'types imported in place',
    code: "export type Y = import('./x.ts').X;",
    finds: 'typescript(consistent-type-imports)',
  },
  { title: 'an awaited promise', code: `${save}export async function f() { await save(); }` },
];

const ambient: Record<string, string> = {
  'Date.now()': 'eslint(no-restricted-properties)',
  'new Date()': 'house(no-current-date)',
  'Date()': 'house(no-current-date)',
  'Math.random()': 'eslint(no-restricted-properties)',
  'performance.now()': 'eslint(no-restricted-globals)',
  'crypto.randomUUID()': 'eslint(no-restricted-globals)',
  'process.pid': 'eslint(no-restricted-globals)',
  'globalThis.setTimeout(String, 1)': 'eslint(no-restricted-properties)',
  'setTimeout(String, 1)': 'eslint(no-restricted-globals)',
  'setInterval(String, 1)': 'eslint(no-restricted-globals)',
  'setImmediate(String)': 'eslint(no-restricted-globals)',
};

for (const [reads, finds] of Object.entries(ambient)) {
  const code = `export const read = ${reads};`;
  seeds.push(
    { title: `${reads} in the core`, code, finds, folder: 'packages/actor-core/src' },
    { title: `${reads} in the cluster`, code, finds, folder: 'packages/cluster/src' },
  );
}
const clock = 'export const read = [Date.now(), new Date(), Math.random(), setTimeout(String, 1)];';
seeds.push(
  { title: 'the clock in a test of the core', code: clock, folder: 'packages/actor-core/src', ending: '.test.ts' },
  { title: 'the clock in the node', code: clock, folder: 'apps/node/src' },
  { title: 'a date of a number', code: 'export const at = new Date(5);', folder: 'packages/actor-core/src' },
);

const paths = seeds.map(({ folder, ending }, n) => `${folder ?? 'packages/client/src'}/seed-${n}${ending ?? '.ts'}`);
let findings = new Map<string, string[]>();

test.before(async () => {
  const house = await mkdtemp(join(tmpdir(), 'dfns-lint-'));
  for (const kept of ['.oxlintrc.json', 'tsconfig.base.json', 'tests/house/no-current-date.js']) {
    await cp(join(ROOT, kept), join(house, kept));
  }
  await writeFile(join(house, 'tsconfig.json'), '{ "extends": "./tsconfig.base.json", "include": ["**/*"] }');
  for (const [n, { code }] of seeds.entries()) {
    const path = join(house, paths[n]!);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, code);
  }
  const said = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [OXLINT, '--type-aware', '-f', 'unix'], { cwd: house }, (error, stdout, stderr) =>
      error ? resolve(stdout + stderr) : reject(new Error(`The lint must fail. It said: ${stdout}`)),
    );
  });
  await rm(house, { recursive: true });
  findings = Map.groupBy(said.split('\n'), line => line.slice(0, line.indexOf(':')));
});

for (const [n, { title, finds }] of seeds.entries()) {
  test(`${title} ${finds ? 'is found' : 'passes'}`, t => {
    const said = (findings.get(paths[n]!) ?? []).join('\n');
    if (finds) t.true(said.includes(finds), said);
    else t.is(said, '');
  });
}
