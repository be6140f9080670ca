import { parseArgs } from 'node:util';
import { simulate } from '@dfnsjs/testing';

/**
 * Lives through worlds: `--seed N` (default 1), `--steps M` with faults in each (default 500), `--seeds K` of them, one
 * after the other (default 1), `--brief` for one line a world. Exit 1 at the first violation, with its seed and the end
 * of its trace.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '500' },
    seeds: { type: 'string', default: '1' },
    brief: { type: 'boolean', default: false },
  },
});
const [first, steps, seeds] = [values.seed, values.steps, values.seeds].map(Number) as [number, number, number];
if (![first, steps, seeds].every(n => Number.isSafeInteger(n) && n >= 0)) {
  throw new RangeError('--seed, --steps and --seeds take whole numbers.');
}

for (let seed = first; seed < first + seeds; seed++) {
  const result = await simulate(seed, steps);
  const faults = [...result.faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`);
  console.log(
    `seed ${seed}: ${result.steps} steps, ${result.turns} turns, ${result.crashes} crashes, hash ${result.hash}`,
  );
  if (!values.brief) console.log(`  ${faults.join(', ')}`);
  if (!result.failure) continue;
  const { error, tail } = result.failure;
  console.log(`\n${tail}\n${error.stack ?? String(error)}`);
  if (error.cause !== undefined) console.log('cause:', error.cause);
  console.log(`\nAgain: npm run simulate -- --seed ${seed} --steps ${steps}`);
  process.exitCode = 1;
  break;
}
