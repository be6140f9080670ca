import { parseArgs } from 'node:util';
import { shrink, simulate, type Simulation } from '@dfnsjs/testing';

/**
 * Lives through worlds: `--seed N` (default 1), `--steps M` with faults in each (default 500), `--seeds K` of them, one
 * after the other (default 1), `--measured` for nodes that measure, `--brief` for one line a world. Exit 1 at the first violation, with its seed: what is left
 * of the world when it is made as small as it can be and still fails in that way, and the end of its trace. Not so with
 * `--brief`: then only of the world as it was.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '500' },
    seeds: { type: 'string', default: '1' },
    measured: { type: 'boolean', default: false },
    brief: { type: 'boolean', default: false },
  },
});
const [first, steps, seeds] = [values.seed, values.steps, values.seeds].map(Number) as [number, number, number];
if (![first, steps, seeds].every(n => Number.isSafeInteger(n) && n >= 0)) {
  throw new RangeError('--seed, --steps and --seeds take whole numbers.');
}

for (let seed = first; seed < first + seeds; seed++) {
  const result = await simulate(seed, steps, { measured: values.measured });
  const faults = [...result.faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`);
  console.log(
    `seed ${seed}: ${result.steps} steps, ${result.turns} turns, ${result.crashes} crashes, hash ${result.hash}`,
  );
  if (!values.brief) console.log(`  ${faults.join(', ')}`);
  if (!result.failure) continue;
  const again = `Again: npm run simulate -- --seed ${seed} --steps ${steps}${values.measured ? ' --measured' : ''}`;
  if (values.brief) tell(result);
  else {
    console.log(`\n${result.failure.error.message}\n${again}\n\nIt is made smaller now.`);
    const { world, tries } = await shrink(result);
    console.log(`${world.steps} steps, ${world.made.length} of ${result.made.length} things that chance brought about`);
    console.log(`are left after ${tries} tries:\n${world.made.map(name => `  ${name}`).join('\n')}`);
    tell(world);
  }
  console.log(`\n${again}`);
  process.exitCode = 1;
  break;
}

function tell({ failure }: Simulation): void {
  if (!failure) return;
  const { error, tail } = failure;
  console.log(`\n${tail}\n${error.stack ?? String(error)}`);
  if (error.cause !== undefined) console.log('cause:', error.cause);
}
