import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLUSTER_MUTATIONS, edited, MUTATIONS, type Mutation } from './mutations.ts';

/**
 * Breaks a copy of the engine in each of the known ways and lives through worlds until one finds it: which seed, which
 * invariant. The same seeds pass in a copy that is not broken. Exit 1 where one is not found or the whole one fails.
 * `engine` or `cluster` as an argument: only those; anything else: those that have it in their name.
 */
const ROOT = join(import.meta.dirname, '../..');
const MOST_SEEDS = 300;
const STEPS = 1_000;
const [of] = process.argv.slice(2);
const MUTANTS = asked(of);

function asked(what: string | undefined): readonly Mutation[] {
  if (what === 'engine') return MUTATIONS;
  if (what === 'cluster') return CLUSTER_MUTATIONS;
  return [...MUTATIONS, ...CLUSTER_MUTATIONS].filter(({ name }) => name.includes(what ?? ''));
}

interface Found {
  readonly seed: number;
  readonly invariant: string;
}

/** The packages' sources, with everything they import in reach. */
async function copyOf(name: string, into: string): Promise<string> {
  const root = join(into, name);
  const modules = join(root, 'node_modules');
  await mkdir(join(modules, '@dfnsjs'), { recursive: true });
  for (const each of await readdir(join(ROOT, 'node_modules'))) {
    if (each === '@dfnsjs' || each.startsWith('.')) continue;
    await symlink(join(ROOT, 'node_modules', each), join(modules, each));
  }
  for (const each of await readdir(join(ROOT, 'packages'))) {
    const to = join(root, 'packages', each);
    await mkdir(to, { recursive: true });
    await cp(join(ROOT, 'packages', each, 'package.json'), join(to, 'package.json'));
    await cp(join(ROOT, 'packages', each, 'src'), join(to, 'src'), { recursive: true });
    if (each !== 'dfns') await symlink(to, join(modules, '@dfnsjs', each));
  }
  await cp(join(ROOT, 'tests/simulation'), join(root, 'tests/simulation'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(root, 'package.json'));
  return root;
}

async function mutate(root: string, mutation: Mutation): Promise<void> {
  for (const edit of mutation.edits) {
    const path = join(root, edit.file);
    await writeFile(path, edited(await readFile(path, 'utf8'), edit));
  }
}

/** Seeds 1 to `seeds` in this copy: the first violation, or undefined. */
function live(root: string, seeds: number): Promise<Found | undefined> {
  const args = ['--conditions=dfns-source', 'tests/simulation/simulate.ts', '--brief'];
  args.push('--seeds', `${seeds}`, '--steps', `${STEPS}`);
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0) return resolve(undefined);
      const seed = /--seed (\d+)/.exec(out)?.[1];
      if (!seed) return reject(new Error(`${root} ended with ${code}:\n${out.slice(-4_000)}`));
      resolve({ seed: Number(seed), invariant: /^Violation: ([a-z-]+):/m.exec(out)?.[1] ?? lastLine(out) });
    });
  });
}

function lastLine(out: string): string {
  return /^(?!\s+at )\S.*(?=\n\s+at )/m.exec(out)?.[0] ?? 'another error';
}

const directory = await mkdtemp(join(tmpdir(), 'dfns-mutants-'));
try {
  const width = Math.max(...MUTANTS.map(({ name }) => name.length));
  const tell = (name: string, seed: string, invariant: string) =>
    console.log(`${name.padEnd(width)}  ${seed.padEnd(14)}  ${invariant}`.trimEnd());
  tell('mutant', 'first seed', 'invariant');
  let highest = 1;
  for (const [i, mutation] of MUTANTS.entries()) {
    const root = await copyOf(`mutant-${i + 1}`, directory);
    await mutate(root, mutation);
    const found = await live(root, MOST_SEEDS);
    if (!found) process.exitCode = 1;
    else highest = Math.max(highest, found.seed);
    tell(mutation.name, found ? `${found.seed}` : `none of ${MOST_SEEDS}`, found?.invariant ?? 'not found');
  }
  const whole = await live(await copyOf('whole', directory), highest);
  tell('none', whole ? `${whole.seed}` : `1 to ${highest} pass`, whole?.invariant ?? '');
  if (whole) process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
