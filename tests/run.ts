import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { add, conclude, count, EMPTY, type Outcome } from './house/tap.ts';

/**
 * Runs the stages named on the command line, or all, in order and to the end whatever fails, and closes with the line
 * `N passed, N failed`: tests of all stages; a check that failed or could not run counts as one failed. Exit 1 if any did.
 */
interface Stage {
  readonly name: string;
  /** The program and its arguments; Node's own are run by the Node that runs this. */
  readonly command: readonly string[];
  /** It prints TAP, of which the tests are counted. */
  readonly tests?: boolean;
  /** It would judge what an earlier build left. */
  readonly needsBuild?: boolean;
}

const ROOT = join(import.meta.dirname, '..');
const AVA = 'node_modules/ava/entrypoints/cli.mjs';
const npmRun = (script: string) => ['npm', 'run', '--silent', script];
const coreOn = (version: number): Stage => ({
  name: `core-${version}`,
  command: [
    `tests/node-versions/${version}/node_modules/.bin/node`,
    AVA,
    '--tap',
    'packages/actor-core/dist/**/*.test.js',
  ],
  tests: true,
  needsBuild: true,
});

const STAGES: readonly Stage[] = [
  { name: 'build', command: npmRun('build') },
  { name: 'typecheck', command: npmRun('typecheck') },
  { name: 'floors', command: npmRun('floors') },
  { name: 'lint', command: npmRun('lint') },
  { name: 'format', command: npmRun('format:check') },
  { name: 'types', command: [process.execPath, 'tests/types/run.ts'], tests: true, needsBuild: true },
  {
    name: 'unit',
    command: [
      process.execPath,
      AVA,
      '--tap',
      '{packages,apps}/*/dist/**/*.test.js',
      // All but those of a stage of their own: a new folder is never forgotten.
      'tests/**/*.test.ts',
      '!tests/end-to-end/**',
      '!tests/cluster/**',
      '!tests/chaos/**',
      '!tests/packaging/**',
      'examples/**/*.test.ts',
    ],
    tests: true,
    needsBuild: true,
  },
  // One file after the other: they start processes of their own, and kill them.
  {
    name: 'end-to-end',
    command: [process.execPath, AVA, '--tap', '--concurrency', '1', 'tests/end-to-end/**/*.test.ts'],
    tests: true,
    needsBuild: true,
  },
  // As those: nodes of one cluster, on servers of their own.
  {
    name: 'cluster',
    command: [process.execPath, AVA, '--tap', '--concurrency', '1', 'tests/cluster/**/*.test.ts'],
    tests: true,
    needsBuild: true,
  },
  // Nodes and servers that are killed, cut off and drained under load.
  {
    name: 'chaos',
    command: [process.execPath, AVA, '--tap', '--concurrency', '1', 'tests/chaos/**/*.test.ts'],
    tests: true,
    needsBuild: true,
  },
  // It installs from the packed packages, as a user's machine does.
  {
    name: 'packaging',
    command: [process.execPath, AVA, '--tap', '--timeout', '10m', 'tests/packaging/**/*.test.ts'],
    tests: true,
    needsBuild: true,
  },
  { name: 'mutants', command: [...npmRun('simulate:mutants'), 'engine'], needsBuild: true },
  coreOn(22),
  coreOn(26),
];

const failure = (problem: string): Outcome => ({ tally: { ...EMPTY, failed: 1 }, problem });

/** Of what a stage that failed printed last, so much is told again at the end, where it is looked for. */
const LAST_LINES = 60;
/** Of each test that failed, so much. */
const LINES_OF_A_FAILURE = 25;

/** Passes on all that the stage prints, and keeps what would tell why it failed. */
function run({ command, tests }: Stage): Promise<Outcome & { said: readonly string[] }> {
  const [program, ...args] = command;
  return new Promise(resolve => {
    const child = spawn(program!, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let tally = EMPTY;
    let failureLines = 0;
    const failures: string[] = [];
    const last: string[] = [];
    const keep = (line: string) => {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
    };
    createInterface({ input: child.stdout }).on('line', line => {
      tally = count(tally, line);
      if (/^(not )?ok\b/.test(line)) failureLines = line.startsWith('not') ? LINES_OF_A_FAILURE : 0;
      if (failureLines-- > 0) failures.push(line);
      keep(line);
      console.log(line);
    });
    createInterface({ input: child.stderr }).on('line', line => {
      keep(line);
      console.error(line);
    });
    const end = (outcome: Outcome) => resolve({ ...outcome, said: failures.length > 0 ? failures : last });
    child.on('error', error => end(failure(error.message)));
    child.on('close', (code, signal) => {
      if (tests) end(conclude(tally, signal ?? code));
      else if (code === 0) end({ tally: EMPTY });
      else end(failure(`it ended with ${signal ?? code}`));
    });
  });
}

const asked = process.argv.slice(2);
const unknown = asked.filter(name => !STAGES.some(stage => stage.name === name));
if (unknown.length > 0) {
  throw new Error(`No stage ${unknown.join(', ')}; there are ${STAGES.map(({ name }) => name).join(', ')}.`);
}

const problems = new Map<string, { problem: string; said: readonly string[] }>();
let total = EMPTY;
for (const stage of STAGES.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  console.log(`\n── ${stage.name}`);
  const { tally, problem, said } =
    stage.needsBuild && problems.has('build')
      ? { ...failure('not run, since the build failed'), said: [] }
      : await run(stage);
  total = add(total, tally);
  if (problem) problems.set(stage.name, { problem, said });
}

console.log();
for (const [name, { problem, said }] of problems) {
  for (const line of said) console.log(`${name} │ ${line}`);
  console.log(`${name}: ${problem}`);
}
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = problems.size > 0 ? 1 : 0;
