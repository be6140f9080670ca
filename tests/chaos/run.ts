import { parseArgs } from 'node:util';
import { FAULTS } from './faults/index.ts';
import { run } from './scenario.ts';

/** `npm run chaos [-- NAME… --entities N]`: the faults named, or all, each with a cluster of its own. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { entities: { type: 'string', default: '60' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(FAULTS);
for (const name of names) {
  const fault = FAULTS[name];
  if (!fault) throw new Error(`There is no fault ${name}; there are ${Object.keys(FAULTS).join(', ')}.`);
  const outcome = await run(fault, Number(values.entities)).catch((error: Error) => ({ failed: error }));
  if ('failed' in outcome) {
    process.exitCode = 1;
    console.log(`${name.padEnd(17)} FAILED: ${outcome.failed.stack}`);
    continue;
  }
  const { lostLeases, notes, lost, harmed, moves, recoveredMs, slowestMs, stallMs } = outcome;
  const wrong = [...outcome.wrong, ...lostLeases.map(place => `a lease was lost at ${place}`)];
  if (wrong.length > 0) process.exitCode = 1;
  const verdict = wrong.length === 0 ? 'holds' : 'BROKEN';
  const answers = `${notes} notes, answered within ${slowestMs} ms, all senders ${recoveredMs} ms after it`;
  const harm = `${harmed} nodes harmed, ${lost} bodies lost, ${moves} shards moved, the machine stood still for up to ${stallMs} ms`;
  console.log(`${name.padEnd(17)} ${verdict}: ${fault.says}; ${answers}; ${harm}`);
  for (const each of wrong) console.log(`  ${each}`);
}
