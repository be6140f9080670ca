import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { shrink } from './shrink.ts';
import { simulate, type Simulation } from './simulate.ts';

const SEEDS = 300;
/** The same ones again. */
const MEASURED_SEEDS = 75;
const STEPS = 1_000;
/** Nodes of several sources of chance are covered only if enough happens. */
const FEWEST_TURNS = 50_000;
/** Worlds lived through to make one that failed smaller. */
const TRIES = 150;

for (let part = 0; part < 4; part++) {
  const first = 1 + (part * SEEDS) / 4;
  const last = ((part + 1) * SEEDS) / 4;
  test.serial(`worlds ${first} to ${last} break no invariant`, async t => {
    let turns = 0;
    let crashes = 0;
    for (let seed = first; seed <= last; seed++) {
      const result = await simulate(seed, STEPS);
      turns += result.turns;
      crashes += result.crashes;
      if (result.failure) t.log(await scenarioOf(result));
      t.is(result.failure?.error, undefined, `npm run simulate -- --seed ${seed} --steps ${STEPS}`);
    }
    t.true(turns >= FEWEST_TURNS / 4, `${turns} turns`);
    t.true(crashes > 0);
  });
}

test.serial('nodes that measure count what is open, and break no invariant either', async t => {
  for (let seed = 1; seed <= MEASURED_SEEDS; seed++) {
    const { failure } = await simulate(seed, STEPS, { measured: true });
    t.is(failure?.error, undefined, `npm run simulate -- --seed ${seed} --steps ${STEPS} --measured`);
  }
});

test('a seed gives the same trace in another process, and another seed another', async t => {
  const here = await simulate(3, 200);
  t.is(await hashElsewhere(3, 200), here.hash);
  t.regex(here.hash, /^[0-9a-f]{16,}$/);
  t.not((await simulate(4, 200)).hash, here.hash);
});

async function scenarioOf(failed: Simulation): Promise<string> {
  const { world } = await shrink(failed, undefined, TRIES);
  return [`${world.steps} steps`, ...world.made, world.failure?.tail, world.failure?.error.stack].join('\n');
}

function hashElsewhere(seed: number, steps: number): Promise<string> {
  const module = new URL(import.meta.url.endsWith('.ts') ? './simulate.ts' : './simulate.js', import.meta.url);
  const code = `const { simulate } = await import(${JSON.stringify(module.href)}); console.log((await simulate(${seed}, ${steps})).hash);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(out.trim()));
  });
}
